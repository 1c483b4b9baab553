/**
 * Many managed keys in compressed time: the real engine and the real client of Paddle's API over real HTTP, a
 * simulated Paddle, and everything else in memory. All live by one clock, which moves on only when nothing is under
 * way: what takes time here is what the rate limit and the graces cost, and nothing else.
 */
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import { pino } from "pino";
import type { Alert } from "../../../src/core/alert.ts";
import type { Alerts } from "../../../src/core/ports.ts";
import type { RotationPolicy } from "../../../src/core/managed-key.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { createPaddleClient } from "../../../src/paddle/client.ts";
import { ManagedKeys } from "../../../src/rotation/managed-keys.ts";
import { buildProcessors } from "../../../src/rotation/processors.ts";
import { readEvent } from "../../../src/webhook/events.ts";
import { plan } from "../../../src/webhook/plan.ts";
import { FakeClock } from "../fake-clock.ts";
import { memoryRecords } from "../memory-records.ts";
import { MemoryStore } from "../memory-store.ts";
import { eventBody } from "../paddle-simulator/events.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../paddle-simulator/start.ts";
import { MemoryWorkers } from "./memory-workers.ts";

const DAY_MS = 86_400_000;
/** With all of it in one process, a request and its answer never rest for so many turns. */
const QUIET_TURNS = 10;

export type FleetKey = { readonly id: string; readonly secret: string; readonly store: MemoryStore };

export type Fleet = AsyncDisposable & {
  readonly clock: FakeClock;
  readonly paddle: PaddleSimulator;
  readonly keys: readonly FleetKey[];
  readonly workers: MemoryWorkers;
  /** What people were told, each incident once. */
  readonly alerts: readonly Alert[];
  /** Lets time pass until something is true; throws when nothing is left that could happen. */
  runUntil(isTrue: () => boolean): Promise<void>;
};

export type FleetOptions = {
  readonly keys: number;
  readonly graceSeconds: number;
  /** The configured share, which is all that this Paddle grants: one request more would be answered with 429. */
  readonly requestsPerMinute: number;
};

export async function openFleet({
  keys: count,
  graceSeconds,
  requestsPerMinute,
}: FleetOptions): Promise<Fleet> {
  await using opened = new AsyncDisposableStack();
  const clock = new FakeClock();
  const log = pino({ level: "silent" });
  const paddle = opened.use(await startPaddleSimulator({ clock, switches: { requestsPerMinute } }));
  const client = opened.adopt(
    createPaddleClient({ apiUrl: new URL(paddle.url), requestsPerMinute, clock, log, version: "0.0.0" }),
    (it) => it.close(),
  );
  const keys = Array.from({ length: count }, () => newKey(paddle, clock));
  const managed = new ManagedKeys(
    keys.map(({ store }, index) => ({
      name: `key-${index}`,
      store,
      standbyStore: null,
      consumers: [],
      checks: [],
      standbyOf: null,
      policy: { ...POLICY, graceSeconds },
    })),
  );
  await managed.survey();

  const told: Alert[] = [];
  const alerts: Alerts = {
    async raise(alert) {
      if (!told.some(({ id }) => id === alert.id)) told.push(alert);
    },
  };
  const workers = new MemoryWorkers(clock);
  const ports = { paddle: client, alerts, clock, records: memoryRecords(), queue: workers, log };
  Object.assign(workers.processors, buildProcessors({ ...ports, keys: managed, rotatesAt: () => null }));

  let delivered = 0;
  const deliver = async () => {
    for (; delivered < paddle.events.length; delivered += 1) {
      const event = paddle.events[delivered];
      if (!event) break;
      const { id: eventId, type, data, occurredAt } = event;
      const parsed = readEvent(JSON.parse(eventBody(type, data, { eventId, occurredAt })));
      if (!("event" in parsed)) throw new Error(parsed.notAnEvent);
      const next = plan(parsed.event, managed.names);
      if (next.do === "queue") await workers.put(next.work, { delayMs: next.delayMs });
    }
  };
  // What made the keys is of no interest.
  delivered = paddle.events.length;

  const owned = opened.move();
  return {
    clock,
    paddle,
    keys,
    workers,
    alerts: told,
    async runUntil(isTrue) {
      for (;;) {
        await quiet(paddle, clock);
        await deliver();
        if (workers.pump() > 0) continue;
        if (isTrue()) return;
        const next = Math.min(workers.nextDueAt, clock.nextWakeAt ?? Infinity);
        if (next === Infinity) throw new Error("nothing is left that could happen");
        await clock.advance(Math.max(0, next - clock.now()));
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function newKey(paddle: PaddleSimulator, clock: FakeClock): FleetKey {
  const key = paddle.createKey({ expiresAt: clock.now() + 6 * DAY_MS });
  return { ...key, store: new MemoryStore({ active: unknownOrigin(new Secret(key.secret)) }) };
}

const POLICY: RotationPolicy = {
  everyMs: null,
  renewBeforeMs: 7 * DAY_MS,
  lifetimeMs: 90 * DAY_MS,
  graceSeconds: 0,
  window: null,
  jitterMs: 0,
  onExposure: "revoke-first",
  foreignRotation: "alert",
  revokeFirstsPerHour: 3,
  overlapMs: 0,
};

/** Resolves once no request is under way. Each one sleeps until its deadline, those that wait for leave share one sleep. */
async function quiet({ requests }: PaddleSimulator, clock: FakeClock): Promise<void> {
  let seen = -1;
  for (let turns = 0; turns < QUIET_TURNS; turns += 1) {
    await turnOfTheEventLoop();
    const isUnderWay = clock.sleeping > 1 || requests.at(-1)?.answered === false;
    if (isUnderWay || requests.length !== seen) turns = 0;
    seen = requests.length;
  }
}
