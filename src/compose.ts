/** Puts the parts together; with compose/, the one place that names concrete adapters. Whoever opens a part closes it, newest first. */
import type { Logger } from "pino";
import { openAlertLog } from "./alerts/alert-log.ts";
import { logChannel } from "./alerts/log.ts";
import { lastState } from "./alerts/on-change.ts";
import { channelsByKey } from "./alerts/routing.ts";
import { type Adapters, ADAPTERS } from "./compose/adapters.ts";
import { openKeys, survey, warmUp } from "./compose/keys.ts";
import { openQueue } from "./compose/queue.ts";
import { openTls } from "./compose/tls.ts";
import type { Config } from "./config/config.ts";
import { isLoopback } from "./config/loopback.ts";
import { recordedAttestations } from "./consumers/attestations.ts";
import { dueAt } from "./core/due.ts";
import type { Secret } from "./core/secret.ts";
import { SOURCES_SUBJECT } from "./core/webhook-sources.ts";
import { KeyDesk } from "./http/admin/desk/key-desk.ts";
import { buildAdminListener } from "./http/admin/listener.ts";
import { serveUntilQuiet } from "./http/closing.ts";
import { listen } from "./http/listen.ts";
import { buildPublicListener } from "./http/public-listener.ts";
import { WebhookGate } from "./http/webhook-gate.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { OverviewWatch } from "./overview/watch.ts";
import { readWebhookSources as readSources } from "./paddle/ips.ts";
import { createAlerts, startAlertWorker } from "./queue/alerts.ts";
import { countJobs } from "./queue/job-counts.ts";
import { createJobList } from "./queue/job-list.ts";
import { startUpkeep } from "./queue/upkeep.ts";
import { createWorkQueue } from "./queue/work-queue.ts";
import { startWorkers } from "./queue/worker.ts";
import { reconcile } from "./reconcile/reconcile.ts";
import { createRetention } from "./reconcile/retention/retention.ts";
import { watchForSilence } from "./reconcile/silence-watch.ts";
import { guardedGet } from "./requests/get.ts";
import { ManagedKeys } from "./rotation/managed-keys.ts";
import type { ProcessorDeps } from "./rotation/processors.ts";
import { rememberingKeys } from "./rotation/seen-keys.ts";
import { VERSION } from "./version.ts";
import { acceptPastEvent } from "./webhook/past-event.ts";

/** Prometheus asks several times a minute for ever, and reads of some stores are paid for. */
const SCRAPED_STORE_MS = 10 * 60_000;

/** Of the 20 s that main.ts gives the whole stop. */
const LAST_WEBHOOKS = { quietMs: 250, atMostMs: 4_000 };

/** Starts what the configured role asks for. If anything fails, all of it is closed again. */
export async function startService(
  config: Config,
  log: Logger,
  adapters: Adapters = ADAPTERS,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { clock } = adapters;
  const adminTls = await openTls("admin", config.adminListener, { clock, log });
  const publicTls =
    config.role === "worker" ? null : await openTls("public", config.publicListener, { clock, log });
  const { backend, records } = await openQueue(opened, config.queue, { log, clock });
  const metrics = createMetrics({ version: VERSION, clock });
  const client = metrics.paddle(
    adapters.openPaddle({
      apiUrl: config.paddle.apiUrl && new URL(config.paddle.apiUrl),
      requestsPerMinute: config.paddle.requestsPerMinute,
      version: VERSION,
      clock,
      log,
    }),
  );
  const memory = { records, clock, log };
  const paddle = { ...rememberingKeys(client, memory), urgent: rememberingKeys(client.urgent, memory) };
  // Of the client itself: these answers are about no key.
  const readWebhookSources = config.webhook.allowedSources?.paddle
    ? (secret: Secret) => readSources(client, secret)
    : null;
  const attestations = recordedAttestations({ records, clock });
  const managed = await openKeys(config.keys, {
    ...adapters,
    openStore: async (store, needs) => metrics.store(await adapters.openStore(store, needs), store.type),
    records,
    attestations,
  });
  const keys = new ManagedKeys(managed);
  const channels = [
    logChannel(log),
    ...(await Promise.all(
      config.alerts.map((channel) => adapters.openChannel(channel.name, channel, { clock, log })),
    )),
  ].map((channel) => metrics.alerts.channel(channel));
  const alertLog = openAlertLog(records, metrics.alerts.kept);
  const alerts = createAlerts(backend, channels, {
    channelsOf: channelsByKey(config.keys),
    records,
    log: alertLog,
    adminUrl: config.adminListener.url,
    keyNames: managed.map(({ name }) => name),
  });
  if (config.alerts.length === 0) log.warn("no alert channel is configured: alerts are in this log only");
  const workQueue = createWorkQueue(backend);
  let stopping = false;
  const readiness = async () => {
    if (stopping) return { ready: false, checks: { service: "is stopping" } };
    const { ok, detail } = await backend.health();
    return { ready: ok, checks: { queue: detail } };
  };
  await survey(keys, log);

  if (config.role === "web") {
    opened.defer(() => paddle.close());
  } else {
    const ports = { paddle, alerts, clock, records, queue: workQueue, log };
    const rotatesAt: ProcessorDeps["rotatesAt"] = ({ policy }, { issuedAt }, { id: keyId, expiresAt }) => {
      const now = clock.now();
      return dueAt({ policy, issuedAt, firstSeenAt: now, expiresAt, keyId, notBefore: now })?.at ?? null;
    };
    const processors = metrics.processors(adapters.buildProcessors({ ...ports, keys, rotatesAt }));
    const retention = createRetention({ ...ports, keys: keys.all, auditMs: config.retention.auditMs });
    const deps = { backend, processors, alerts, records, clock, log, random: Math.random };
    const started: AsyncDisposable[] = [];
    // Together: calls on their way end, those that wait for their turn fail, and so jobs are given back in time.
    opened.defer(async () => {
      await Promise.all([...started.map((part) => part[Symbol.asyncDispose]()), paddle.close()]);
    });
    started.push(
      await startAlertWorker(backend, channels, {
        log,
        random: Math.random,
        now: () => clock.now(),
        adminUrl: config.adminListener.url,
        kept: alertLog,
      }),
    );
    started.push(await startWorkers(deps));
    const upkeep = await startUpkeep({
      ...deps,
      everyMs: config.reconcile.everyMs,
      reconcile: metrics.sweep((signal) => {
        const accept = (body: unknown) =>
          acceptPastEvent(body, { queue: workQueue, keyNames: () => keys.names, log });
        return reconcile(
          {
            ...ports,
            keys: keys.all,
            settings: config.reconcile,
            accept,
            get: guardedGet(),
            retention,
            ...(readWebhookSources && { readWebhookSources }),
          },
          signal,
        );
      }),
    });
    started.push(upkeep, watchForSilence({ ...ports, ...config.reconcile }));
    void warmUp(managed, (environment) => paddle.probe(environment), log);
  }

  const jobs = createJobList(backend);
  const overview = new OverviewWatch({ keys: managed, jobs, records, clock });
  const admin = buildAdminListener({
    signIn: config.adminListener,
    tls: adminTls,
    url: config.adminListener.url,
    listensOnLoopbackOnly: isLoopback(config.adminListener.host),
    queues: Object.values(backend.queues),
    overview,
    scrape: () =>
      metrics.scrape({
        overview: () => overview.latest({ storesWithinMs: SCRAPED_STORE_MS }),
        depths: () => countJobs(backend),
      }),
    keys: new KeyDesk({ keys: managed, jobs, workQueue, paddle: paddle.urgent, clock, log, records, alerts }),
    version: VERSION,
    readiness,
    clock,
    log,
  });
  opened.defer(() => admin.close());
  const adminAt = await listen(admin, { listener: "admin", ...config.adminListener });
  log.info({ address: adminAt, dashboard: `${adminAt}/` }, "admin listener ready");

  if (config.role !== "worker") {
    const { secrets, toleranceMs, trustedProxies } = config.webhook;
    const publicListener = buildPublicListener({
      secrets,
      toleranceMs,
      clock,
      queue: workQueue,
      alerts,
      readiness,
      log,
      keyNames: () => keys.names,
      attesting: config.keys.flatMap(({ consumers }) =>
        consumers.flatMap(({ name, attest }) => (attest ? [{ name, token: attest.token }] : [])),
      ),
      attestations,
      gate: new WebhookGate(config.webhook, {
        noted: (environment) => lastState(records, `${SOURCES_SUBJECT}-${environment}`),
        clock,
        log,
      }),
      tls: publicTls,
      trustedProxies,
      ...metrics.webhooks,
    });
    opened.defer(() => publicListener.close());
    const publicAt = await listen(publicListener, { listener: "public", ...config.publicListener });
    // First of all: balancers see that this instance is not ready, and what they still send is taken.
    opened.defer(() => {
      stopping = true;
      return serveUntilQuiet(publicListener, LAST_WEBHOOKS);
    });
    log.info({ address: publicAt, webhooks: `${publicAt}/webhooks/paddle` }, "public listener ready");
  }
  return opened.move();
}
