/** Puts the parts together: the one file that names concrete adapters. Whoever opens a part closes it, newest first. */
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { openAlertLog } from "./alerts/alert-log.ts";
import { logChannel } from "./alerts/log.ts";
import { systemClock } from "./clock.ts";
import type { Config, QueueConfig } from "./config/config.ts";
import { isLoopback } from "./config/loopback.ts";
import type { ManagedKey } from "./core/managed-key.ts";
import { createChannel } from "./alerts/channels/registry.ts";
import { channelsByKey } from "./alerts/routing.ts";
import { recordedAttestations } from "./consumers/attestations.ts";
import { createCheck } from "./checks/registry.ts";
import { createConsumer } from "./consumers/registry.ts";
import type { Clock, Leases, Records } from "./core/ports.ts";
import { identify } from "./core/paddle-key.ts";
import { describeError } from "./core/public-error.ts";
import type { Secret } from "./core/secret.ts";
import { KeyDesk } from "./http/admin/desk/key-desk.ts";
import { buildAdminListener } from "./http/admin/listener.ts";
import { buildPublicListener } from "./http/public-listener.ts";
import { createPaddleClient } from "./paddle/client.ts";
import { createAlerts, startAlertWorker } from "./queue/alerts.ts";
import type { QueueBackend } from "./queue/backend.ts";
import { createJobList } from "./queue/job-list.ts";
import { createErrorLog } from "./queue/error-log.ts";
import { createWorkQueue } from "./queue/work-queue.ts";
import { startUpkeep } from "./queue/upkeep.ts";
import { startWorkers } from "./queue/worker.ts";
import { dueAt } from "./core/due.ts";
import { reconcile } from "./reconcile/reconcile.ts";
import { watchForSilence } from "./reconcile/silence-watch.ts";
import { OverviewWatch } from "./overview/watch.ts";
import { ManagedKeys } from "./rotation/managed-keys.ts";
import { buildProcessors, type ProcessorDeps } from "./rotation/processors.ts";
import { rememberingKeys } from "./rotation/seen-keys.ts";
import { createStore } from "./stores/registry.ts";
import { VERSION } from "./version.ts";
import { acceptPastEvent } from "./webhook/past-event.ts";

/** What tests replace, to do to the service what the world does. */
export type Adapters = {
  readonly clock: Clock;
  readonly openPaddle: typeof createPaddleClient;
  readonly openStore: typeof createStore;
  readonly openConsumer: typeof createConsumer;
  readonly openChannel: typeof createChannel;
  readonly buildProcessors: typeof buildProcessors;
};

export const ADAPTERS: Adapters = {
  clock: systemClock,
  openPaddle: createPaddleClient,
  openStore: createStore,
  openConsumer: createConsumer,
  openChannel: createChannel,
  buildProcessors,
};

/** Starts what the configured role asks for. If anything fails, all of it is closed again. */
export async function startService(
  config: Config,
  log: Logger,
  adapters: Adapters = ADAPTERS,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { clock } = adapters;
  const { backend, records } = await openQueue(opened, config.queue, { log, clock });
  const client = adapters.openPaddle({
    apiUrl: config.paddle.apiUrl && new URL(config.paddle.apiUrl),
    requestsPerMinute: config.paddle.requestsPerMinute,
    version: VERSION,
    clock,
    log,
  });
  const memory = { records, clock, log };
  const paddle = { ...rememberingKeys(client, memory), urgent: rememberingKeys(client.urgent, memory) };
  const attestations = recordedAttestations({ records, clock });
  const consumerNeeds = { clock, random: Math.random, records, attestations, env: process.env };
  const managed = await Promise.all(
    config.keys.map(async ({ name, store, standby, rotation, consumers, checks }): Promise<ManagedKey> => ({
      name,
      store: await adapters.openStore(store, { clock, leases: records, holds: "active" }),
      standbyStore:
        standby && (await adapters.openStore(standby.store, { clock, leases: records, holds: "standby" })),
      policy: rotation,
      consumers: await Promise.all(
        consumers.map((consumer) => adapters.openConsumer(consumer, consumerNeeds)),
      ),
      checks: await Promise.all(
        checks.map((check) => createCheck(check, { keyName: name, clock, env: process.env })),
      ),
      standbyOf: null,
    })),
  );
  const keys = new ManagedKeys(managed);
  const channels = [
    logChannel(log),
    ...(await Promise.all(
      config.alerts.map((channel) => adapters.openChannel(channel.name, channel, { clock, log })),
    )),
  ];
  const alerts = createAlerts(backend, channels, {
    channelsOf: channelsByKey(config.keys),
    records,
    log: openAlertLog(records),
  });
  if (config.alerts.length === 0) log.warn("no alert channel is configured: alerts are in this log only");
  const workQueue = createWorkQueue(backend);
  const readiness = async () => {
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
    const processors = adapters.buildProcessors({ ...ports, keys, rotatesAt });
    opened.use(
      await startAlertWorker(backend, channels, { log, random: Math.random, now: () => clock.now() }),
    );
    const deps = { backend, processors, alerts, clock, log, random: Math.random };
    const started: AsyncDisposable[] = [];
    // Together: calls on their way end, those that wait for their turn fail, and so jobs are given back in time.
    opened.defer(async () => {
      await Promise.all([...started.map((part) => part[Symbol.asyncDispose]()), paddle.close()]);
    });
    started.push(await startWorkers(deps));
    const upkeep = await startUpkeep({
      ...deps,
      everyMs: config.reconcile.everyMs,
      reconcile: (signal) => {
        const accept = (body: unknown) =>
          acceptPastEvent(body, { queue: workQueue, keyNames: () => keys.names, log });
        return reconcile(
          { ...ports, keys: keys.all, settings: config.reconcile, accept, get: fetch },
          signal,
        );
      },
    });
    started.push(upkeep, watchForSilence({ ...ports, ...config.reconcile }));
    void warmUp(managed, (environment) => paddle.probe(environment), log);
  }

  const admin = buildAdminListener({
    signIn: { user: config.adminListener.user, token: config.adminListener.token },
    listensOnLoopbackOnly: isLoopback(config.adminListener.host),
    queues: Object.values(backend.queues),
    overview: new OverviewWatch({ keys: managed, jobs: createJobList(backend), records, clock }),
    scrape: async () => ({ contentType: "text/plain", text: "" }),
    keys: new KeyDesk({ keys: managed, workQueue, paddle: paddle.urgent, clock, log, records, alerts }),
    readiness,
    log,
  });
  const adminAt = await listen(opened, admin, config.adminListener);
  log.info({ address: adminAt, dashboard: `${adminAt}/queues` }, "admin listener ready");

  if (config.role !== "worker") {
    const { secrets, toleranceMs } = config.webhook;
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
    });
    const publicAt = await listen(opened, publicListener, config.publicListener);
    log.info({ address: publicAt, webhooks: `${publicAt}/webhooks/paddle` }, "public listener ready");
  }
  return opened.move();
}

type Base = { readonly log: Logger; readonly clock: Clock };

/** The queue and the records beside it, on one server. What the other servers need is not even loaded. */
async function openQueue(
  opened: AsyncDisposableStack,
  config: QueueConfig,
  { log, clock }: Base,
): Promise<{ backend: QueueBackend; records: Records & Leases }> {
  const errors = createErrorLog({ log, clock });
  if (config.kind === "redis") {
    const { url, prefix } = config;
    const { openRedisBackend } = await import("./queue/redis.ts");
    const { openRedisRecords } = await import("./records/redis.ts");
    return {
      backend: opened.use(openRedisBackend(config, { log, errors })),
      records: opened.use(await openRedisRecords({ url, prefix, log })),
    };
  }
  const { openPostgresBackend } = await import("./queue/postgres.ts");
  const { openPostgresRecords } = await import("./records/postgres.ts");
  const { schema } = config;
  const url = config.kind === "embedded" ? await startEmbedded(opened, config.dataDir, log) : config.url;
  return {
    backend: opened.use(await openPostgresBackend({ url, schema }, { errors })),
    records: opened.use(await openPostgresRecords({ url, schema, log })),
  };
}

async function startEmbedded(opened: AsyncDisposableStack, dataDir: string, log: Logger): Promise<Secret> {
  const { startEmbeddedPostgres } = await import("./queue/embedded-postgres.ts");
  return opened.use(await startEmbeddedPostgres({ dataDir, log })).url;
}

/** Looks into every store once, so that what is wrong with one is known at start and not at 3 a.m. */
async function survey(keys: ManagedKeys, log: Logger): Promise<void> {
  for (const { key, error } of await keys.survey()) {
    log.error(
      { keyName: key.name, store: key.store.location, reason: describeError(error) },
      "this key's store cannot be used",
    );
  }
}

/** Opens connections to Paddle before the first job needs them. */
async function warmUp(
  managed: readonly ManagedKey[],
  probe: (environment: "live" | "sandbox") => Promise<boolean>,
  log: Logger,
): Promise<void> {
  const reads = await Promise.allSettled(managed.map(({ store }) => store.read()));
  const environments = new Set(
    reads.flatMap((read) => {
      const active = read.status === "fulfilled" ? read.value.slots.active : null;
      return active ? (identify(active.secret)?.environment ?? []) : [];
    }),
  );
  for (const environment of environments) {
    const answers = await probe(environment).catch(() => false);
    if (!answers)
      log.warn({ environment }, "Paddle does not answer; rotations will be tried again until it does");
  }
}

async function listen(
  opened: AsyncDisposableStack,
  app: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<string> {
  opened.defer(() => app.close());
  await app.listen({ host: at.host, port: at.port });
  const address = app.server.address() as AddressInfo;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
