/** One account of the simulator, managed keys in memory stores, and a queue that remembers what it was given. */
import type { Alert } from "../../../src/core/alert.ts";
import type { ManagedKey, RotationPolicy } from "../../../src/core/managed-key.ts";
import type { Alerts, JobHold, WorkQueue } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import type { Work } from "../../../src/core/work.ts";
import { simulatedPaddle } from "../../support/engine/simulated-paddle.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import {
  type Account,
  findKey,
  type Key,
  openAccount,
} from "../../support/paddle-simulator/account/account.ts";
import { createKey, type KeyOptions } from "../../support/paddle-simulator/account/dashboard.ts";
import { DEFAULT_SWITCHES } from "../../support/paddle-simulator/switches.ts";
import { captureLog } from "../../support/captured-log.ts";

export const DAY_MS = 86_400_000;
export const EVERY_MS = 15 * 60_000;

export const POLICY: RotationPolicy = {
  everyMs: null,
  renewBeforeMs: 7 * DAY_MS,
  lifetimeMs: 90 * DAY_MS,
  graceSeconds: 3600,
  window: null,
  jitterMs: 0,
  onExposure: "revoke-first",
  foreignRotation: "alert",
  revokeFirstsPerHour: 3,
  overlapMs: DAY_MS,
};

class Queue implements Pick<WorkQueue, "put" | "isUnfinished"> {
  readonly puts: Work[] = [];
  readonly unfinished = new Set<string>();

  async put(work: Work): Promise<void> {
    this.puts.push(work);
  }

  async isUnfinished(intentId: string): Promise<boolean> {
    return this.unfinished.has(intentId);
  }
}

export class World {
  readonly clock = new FakeClock();
  readonly records = memoryRecords();
  readonly raised = new Map<string, Alert>();
  /** As the queue does: the same id again tells nobody anything new. */
  readonly alerts: Alerts = { raise: async (alert) => void this.raised.getOrInsert(alert.id, alert) };
  readonly queue = new Queue();
  readonly account: Account;
  readonly paddle;
  readonly captured = captureLog();
  readonly log = this.captured.log;
  readonly everyMs = EVERY_MS;
  receivedAt = this.clock.now();
  #seed = 1;

  constructor() {
    this.account = openAccount({
      environment: "sandbox",
      switches: DEFAULT_SWITCHES,
      clock: this.clock,
      random: () => (this.#seed = (this.#seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    });
    this.paddle = simulatedPaddle(this.account);
  }

  /** A key of the account that is managed: its secret is in a store. */
  manage(name: string, options: KeyOptions = {}, policy: Partial<RotationPolicy> = {}) {
    const paddleKey: Key = createKey(this.account, options);
    const store = new MemoryStore({ active: unknownOrigin(new Secret(paddleKey.current)) });
    const key: ManagedKey = {
      name,
      store,
      standbyStore: null,
      consumers: [],
      checks: [],
      standbyOf: null,
      policy: { ...POLICY, ...policy },
    };
    return { key, store, keyId: paddleKey.id, paddleKey: () => findKey(this.account, paddleKey.id) };
  }

  /** The ports, as what is tested takes them. */
  get ports() {
    const { clock, records, alerts, queue, paddle, log, everyMs } = this;
    return { clock, records, alerts, queue, paddle, log, everyMs };
  }

  get hold(): JobHold {
    return {
      lease: { confirm: async () => {} },
      journal: { receivedAt: this.receivedAt, facts: {}, note: async () => {} },
    };
  }

  get kinds(): string[] {
    return [...this.raised.values()].map(({ kind }) => kind);
  }

  /** Every put since the last look: job, intent kind and intent id. */
  taken(): string[] {
    return this.queue.puts.splice(0).map(({ job, intent }) => `${job} ${intent.kind} ${intent.id}`);
  }
}

/** A rotation of Paddle's as we remember one that we asked for. */
export function issuedBy({ id, newSecret }: { readonly id: string; readonly newSecret: string }) {
  return { ...unknownOrigin(new Secret(newSecret)), rotationId: id };
}
