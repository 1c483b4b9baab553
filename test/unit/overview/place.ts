/** An overview whose neighbours a test holds in its hands, and counts the questions to. */
import type { Alert } from "../../../src/core/alert.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import type { Records, SecretStore, Version } from "../../../src/core/ports.ts";
import type { Slots } from "../../../src/core/slots.ts";
import { QueueError } from "../../../src/core/errors.ts";
import { openAlertLog } from "../../../src/alerts/alert-log.ts";
import { OverviewWatch } from "../../../src/overview/watch.ts";
import { KEY_ID, keyWith, NOW, STEADY } from "../../support/admin/keys.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { MemoryStore } from "../../support/memory-store.ts";

/** A store that counts how often it is read, and answers when the test lets it. */
export class WatchedStore implements SecretStore {
  readonly location = "./secrets/billing.env";
  readonly guide = { applicationsRead: "ACTIVE_PADDLE_KEY", needs: [] };
  readonly memory: MemoryStore;
  reads = 0;
  /** How many are being read now, and were at most at once, of all stores that share it. */
  readonly crowd: { now: number; most: number };
  fault: Error | null = null;
  /** What an answer waits for. */
  gate: Promise<void> = Promise.resolve();

  constructor(slots: Slots, crowd = { now: 0, most: 0 }) {
    this.memory = new MemoryStore(slots);
    this.crowd = crowd;
  }

  async read(): Promise<{ slots: Slots; version: Version }> {
    this.reads += 1;
    this.crowd.now += 1;
    this.crowd.most = Math.max(this.crowd.most, this.crowd.now);
    try {
      const answer = await this.memory.read();
      await this.gate;
      if (this.fault) throw this.fault;
      return answer;
    } finally {
      this.crowd.now -= 1;
    }
  }

  /** Whoever else writes it. */
  async holds(slots: Slots): Promise<void> {
    const { version } = await this.memory.read();
    await this.memory.write(slots, version);
  }

  write(): Promise<never> {
    return Promise.reject(new Error("the overview writes nothing"));
  }

  checkWritable(): Promise<never> {
    return Promise.reject(new Error("the overview writes nothing"));
  }
}

export const SILENT = new Promise<void>(() => {});

/** Records that a test can take down or make silent, counting what is read. */
export class WatchedRecords implements Records {
  state: "up" | "down" | "silent" = "up";
  reads = 0;
  readonly memory = memoryRecords();

  async putIfAbsent(...args: Parameters<Records["putIfAbsent"]>): Promise<boolean> {
    return this.memory.putIfAbsent(...args);
  }
  async append(...args: Parameters<Records["append"]>): Promise<string> {
    return this.memory.append(...args);
  }
  async trim(...args: Parameters<Records["trim"]>): Promise<void> {
    return this.memory.trim(...args);
  }
  async get(...args: Parameters<Records["get"]>): ReturnType<Records["get"]> {
    await this.#answers();
    return this.memory.get(...args);
  }
  async list(...args: Parameters<Records["list"]>): ReturnType<Records["list"]> {
    await this.#answers();
    return this.memory.list(...args);
  }

  async #answers(): Promise<void> {
    this.reads += 1;
    if (this.state === "silent") await SILENT;
    if (this.state === "down")
      throw new QueueError("the records are down", { effect: "none", retry: "later" });
  }
}

/** What the queue has to do, as a test says. */
export class WatchedJobs {
  views: readonly JobView[] = [];
  fault: Error | null = null;
  gate: Promise<void> = Promise.resolve();
  reads = 0;

  async unfinished(): Promise<readonly JobView[]> {
    this.reads += 1;
    const { views } = this;
    await this.gate;
    if (this.fault) throw this.fault;
    return views;
  }
}

export type Place = {
  readonly watch: OverviewWatch;
  readonly clock: FakeClock;
  readonly records: WatchedRecords;
  readonly jobs: WatchedJobs;
};

/** @param keys `billing` where left out */
export function openPlace(...keys: readonly ManagedKey[]): Place {
  const place = { clock: new FakeClock(NOW), records: new WatchedRecords(), jobs: new WatchedJobs() };
  return {
    ...place,
    watch: new OverviewWatch({ keys: keys.length > 0 ? keys : [keyWith(STEADY)], ...place }),
  };
}

/** `billing-000`, `billing-001` and so on, each with a store of its own. */
export function manyKeys(count: number): { keys: ManagedKey[]; stores: WatchedStore[] } {
  const crowd = { now: 0, most: 0 };
  const stores = Array.from({ length: count }, () => new WatchedStore(STEADY, crowd));
  const keys = stores.map((store, at) => keyWith(store, `billing-${String(at).padStart(3, "0")}`));
  return { keys, stores };
}

export function jobView(
  rest: Partial<JobView> & {
    readonly id?: string;
    readonly keyName?: string | null;
    readonly keyId?: string;
  } = {},
): JobView {
  const { id = "evt_1", keyName = "billing", keyId = KEY_ID, ...view } = rest;
  return {
    work: {
      job: "rotate",
      keyName,
      keyId,
      intent: { id, kind: "expiring", requestedAt: NOW - 1_000 },
      eventId: id,
    },
    queue: "rotations",
    state: "waiting",
    nextAt: null,
    percent: 0,
    attempts: 0,
    failure: null,
    facts: {},
    ...view,
  };
}

export function alertOf(id: string, rest: Partial<Alert> = {}): Alert {
  return {
    id,
    kind: "key-lost",
    severity: "critical",
    keyName: "billing",
    keyId: KEY_ID,
    happened: "Paddle refuses the key.",
    action: "Supply another key.",
    raisedAt: NOW,
    ...rest,
  };
}

export async function keepAlert({ records }: Place, alert: Alert): Promise<void> {
  await openAlertLog(records).keep(alert);
}
