/**
 * One process of the rotator, from its start to its death: the real processors, sweeps, alerts and retention, whose every
 * effect passes the neighbours as they are. Where it is to die, it dies before or after an effect, or loses an answer.
 */
import { openAlertLog } from "../../src/alerts/alert-log.ts";
import { PaddleError, QueueError, StoreError } from "../../src/core/errors.ts";
import type { ManagedKey } from "../../src/core/managed-key.ts";
import type { Alerts, Processor, Records } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import type { JobName } from "../../src/core/work.ts";
import { createAlerts } from "../../src/queue/alerts.ts";
import { reconcile } from "../../src/reconcile/reconcile.ts";
import { createRetention } from "../../src/reconcile/retention/retention.ts";
import { ManagedKeys } from "../../src/rotation/managed-keys.ts";
import { buildProcessors } from "../../src/rotation/processors.ts";
import { rememberingKeys } from "../../src/rotation/seen-keys.ts";
import { acceptPastEvent } from "../../src/webhook/past-event.ts";
import { receive, type Received } from "../../src/webhook/receive.ts";
import {
  gatedAlerts,
  gatedConsumer,
  gatedPaddle,
  gatedRecords,
  gatedStore,
} from "../support/engine/gated-ports.ts";
import { type Accident, Died, type Gate } from "../support/engine/gates.ts";
import { ENDPOINT_SECRET } from "./post.ts";
import type { Site } from "./site.ts";
import { HOUR_MS } from "./site-key.ts";

export const SWEEP_MS = HOUR_MS;
const SILENCE_MS = 24 * HOUR_MS;

export type SoakProcess = {
  readonly processors: Readonly<Record<JobName, Processor>>;
  readonly alerts: Alerts;
  readonly records: Records;
  readonly gate: Gate;
  receive(webhook: Received): Promise<{ readonly status: number }>;
  sweep(): Promise<void>;
};

export async function startProcess(site: Site): Promise<SoakProcess> {
  const { clock, queue, log } = site;
  const gate = mortalGate(site);
  const records = gatedRecords(site.records, gate);
  const alertLog = openAlertLog(records);
  const { backend, channels } = site.alertQueue;
  const told = createAlerts(backend, channels, { records, log: alertLog });
  const raise: Alerts["raise"] = (alert) => {
    site.told(alert);
    return told.raise(alert);
  };
  const alerts = gatedAlerts({ raise }, gate);
  const keys = new ManagedKeys(site.keys.map((key) => managed(key, gate)));
  await keys.survey();
  await site.alertQueue.serve();
  const paddle = rememberingKeys(gatedPaddle(site.paddle, gate), { records: site.records, clock, log });
  const ports = { paddle: { ...paddle, urgent: paddle }, alerts, clock, records, queue, log };
  const { keptMs } = site;
  const kept = { records: { ...site.records, ...records }, auditMs: keptMs, keptMs };
  const retention = createRetention({ ...kept, keys: keys.all, clock, log });
  const secrets = [new Secret(ENDPOINT_SECRET)];
  const keyNames = () => keys.names;
  return {
    processors: buildProcessors({ ...ports, keys, rotatesAt: () => null }),
    alerts,
    records,
    gate,
    receive: (webhook) => receive(webhook, { ...ports, secrets, toleranceMs: 5_000, keyNames }),
    async sweep() {
      await reconcile({
        ...ports,
        keys: keys.all,
        settings: {
          everyMs: SWEEP_MS,
          silenceMs: SILENCE_MS,
          heartbeat: null,
          readWith: null,
          publicUrl: null,
        },
        accept: (body) => acceptPastEvent(body, { queue, keyNames, log }),
        get: () => Promise.reject(new Error("nothing is to be called")),
      });
      await retention.forgetSome();
    },
  };
}

function managed(key: Site["keys"][number], gate: Gate): ManagedKey {
  return {
    name: key.name,
    store: gatedStore(key.store, gate),
    standbyStore: key.standbyStore && gatedStore(key.standbyStore, gate, "standby"),
    consumers: key.consumers.map((consumer) => gatedConsumer(consumer, gate)),
    checks: key.checks,
    standbyOf: null,
    policy: key.policy,
  };
}

/** An accident that happens at the effect with this number from now on. */
export type Doom = { readonly accident: Accident; left: number };

function mortalGate(site: Site): Gate {
  let isDead = false;
  const neighbour = (effect: string): void => {
    const [of = ""] = effect.split(".");
    const none = { effect: "none", retry: "later" } as const;
    if (of === "paddle" && site.isDown("paddle"))
      throw new PaddleError("Paddle gave no answer", {
        ...none,
        effect: "unknown",
        code: "timeout",
        status: null,
      });
    if (/^(records|queue|alerts)$/.test(of) && (site.isDown("server") || site.isDown("records")))
      throw new QueueError("the records do not answer", none);
  };
  return {
    async pass(effect, act) {
      if (isDead) throw new Died(effect);
      neighbour(effect);
      const { doom } = site;
      if (doom) doom.left -= 1;
      if (!doom || doom.left >= 0) return site.watched(effect, act);
      site.doom = null;
      site.crashes += 1;
      if (doom.accident === "loses the answer of") {
        await site.watched(effect, act);
        throw lost(effect);
      }
      isDead = true;
      if (doom.accident === "dies after") await site.watched(effect, act).catch(() => {});
      throw new Died(effect);
    },
  };
}

function lost(effect: string): Error {
  const what = { effect: "unknown", retry: "later" } as const;
  if (effect.startsWith("paddle."))
    return new PaddleError("no answer", { ...what, code: "timeout", status: null });
  if (/^(store|standby)\./.test(effect)) return new StoreError("no answer", what);
  return new QueueError("no answer", what);
}
