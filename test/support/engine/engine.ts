/**
 * The whole engine in memory: the real processors, decisions and steps, Paddle's state machine, stores, records and
 * a clock. After every effect the invariants are checked, so a test need only say what happens to whom.
 */
import { pino } from "pino";
import type { Alert } from "../../../src/core/alert.ts";
import { LeaseLostError, RotatorError } from "../../../src/core/errors.ts";
import type { ManagedKey, RotationPolicy } from "../../../src/core/managed-key.ts";
import type { PaddleApi, Records } from "../../../src/core/ports.ts";
import { describeError } from "../../../src/core/public-error.ts";
import { Secret } from "../../../src/core/secret.ts";
import { activeKeyId, keyIdOf, type Slots, unknownOrigin } from "../../../src/core/slots.ts";
import type { Outcome, Work } from "../../../src/core/work.ts";
import { ManagedKeys } from "../../../src/rotation/managed-keys.ts";
import { buildProcessors } from "../../../src/rotation/processors.ts";
import { FakeClock } from "../fake-clock.ts";
import type { MemoryCheck } from "../memory-check.ts";
import type { MemoryConsumer } from "../memory-consumer.ts";
import { memoryRecords } from "../memory-records.ts";
import { MemoryStore } from "../memory-store.ts";
import { type Account, openAccount } from "../paddle-simulator/account/account.ts";
import { isAlive } from "../paddle-simulator/account/authenticate.ts";
import { createKey, type KeyOptions } from "../paddle-simulator/account/dashboard.ts";
import { DEFAULT_SWITCHES, type Switches } from "../paddle-simulator/switches.ts";
import {
  gatedAlerts,
  gatedConsumer,
  gatedHold,
  gatedPaddle,
  gatedRecords,
  gatedStore,
} from "./gated-ports.ts";
import { Died, type Gate, openGate } from "./gates.ts";
import { Invariants } from "./invariants.ts";
import { type Job, Jobs } from "./jobs.ts";
import { seeded } from "./seeded.ts";
import { simulatedPaddle } from "./simulated-paddle.ts";

export const GRACE_SECONDS = 3600;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const RETRY_MS = 2_000;
/** More runs than any work needs, even with an accident in each. */
const RUNS = 60;

export type WorldOptions = {
  readonly key?: KeyOptions;
  readonly switches?: Partial<Switches>;
  readonly policy?: Partial<RotationPolicy>;
  /** Short for the policy's. */
  readonly graceSeconds?: number;
  /** Where a standby lies; left out: there is none. */
  readonly standby?: "same-store" | "elsewhere";
  readonly standbyKey?: KeyOptions;
  readonly seed?: number;
  /** Left out: nobody uses the key. */
  readonly consumers?: readonly MemoryConsumer[];
  /** Left out: nobody looks whether they still work. */
  readonly checks?: readonly MemoryCheck[];
  /** The key's store, with these slots at first; left out: one in memory. */
  readonly store?: (slots: Partial<Slots>) => MemoryStore;
  /** The store of a standby that lies elsewhere, likewise. */
  readonly standbyStore?: (slots: Partial<Slots>) => MemoryStore;
};

const POLICY: RotationPolicy = {
  everyMs: null,
  renewBeforeMs: 7 * DAY_MS,
  lifetimeMs: 90 * DAY_MS,
  graceSeconds: GRACE_SECONDS,
  window: null,
  jitterMs: 0,
  onExposure: "revoke-first",
  foreignRotation: "alert",
  revokeFirstsPerHour: 3,
  overlapMs: 0,
};

export class Engine {
  readonly clock = new FakeClock();
  readonly account: Account;
  /** The key that is managed at first. */
  readonly keyId: string;
  readonly firstSecret: string;
  /** null: there is no standby at first. */
  readonly standbyKeyId: string | null;
  readonly standbySecret: string | null;
  readonly store: MemoryStore;
  /** null: the standby lies in the key's own store. */
  readonly standbyStore: MemoryStore | null;
  readonly policy: RotationPolicy;
  /** As the next run finds them in the configuration. */
  consumers: readonly MemoryConsumer[];
  /** Whether the next run finds the key in the configuration. */
  isConfigured = true;
  readonly checks: readonly MemoryCheck[];
  readonly records: Records;
  /** What people were told, each incident once. */
  readonly alerts: Alert[] = [];
  readonly jobs: Jobs;
  /** What runs pass where the test names no other gate. Whoever dies there is gone. */
  gate: Gate = openGate;
  /** What the next process finds after somebody died. */
  nextGate: (gate: Gate) => Gate = () => openGate;
  /** How a job that is due is run once. */
  worker: (work: Work, gate: Gate) => Promise<unknown> = (work, gate) => this.run(work, gate);
  readonly invariants: Invariants;
  readonly #paddle: PaddleApi;
  readonly #log = pino({ level: "trace" }, { write: (line: string) => this.invariants.show(line) });

  constructor(options: WorldOptions = {}) {
    const { switches, policy, graceSeconds, standby, seed } = options;
    this.account = openAccount({
      environment: "sandbox",
      switches: { ...DEFAULT_SWITCHES, ...switches },
      clock: this.clock,
      random: seeded(seed),
    });
    const key = createKey(this.account, { expiresAt: this.clock.now() + 6 * DAY_MS, ...options.key });
    const reserve = standby ? createKey(this.account, options.standbyKey) : null;
    this.keyId = key.id;
    this.firstSecret = key.current;
    this.standbyKeyId = reserve?.id ?? null;
    this.standbySecret = reserve?.current ?? null;
    const slot = reserve && unknownOrigin(new Secret(reserve.current));
    const active = unknownOrigin(new Secret(key.current));
    const slots = { active, standby: standby === "same-store" ? slot : null };
    this.store = options.store?.(slots) ?? new MemoryStore(slots);
    const openStandby = options.standbyStore ?? ((elsewhere) => new MemoryStore(elsewhere));
    this.standbyStore = standby === "elsewhere" ? openStandby({ standby: slot }) : null;
    this.policy = { ...POLICY, ...(graceSeconds !== undefined && { graceSeconds }), ...policy };
    this.consumers = options.consumers ?? [];
    this.checks = options.checks ?? [];
    this.invariants = new Invariants({
      account: this.account,
      clock: this.clock,
      places: () => this.#places(),
      alerts: this.alerts,
      intentKind: (id) => this.jobs.all.find(({ work }) => work.intent.id === id)?.work.intent.kind,
    });
    this.jobs = new Jobs(this.clock, (text) => this.invariants.show(text));
    this.records = watchedRecords((text) => this.invariants.show(text));
    this.#paddle = watchedPaddle(simulatedPaddle(this.account), (secret) => this.invariants.minted(secret));
  }

  /** What went wrong with the invariants, where anything did. */
  get broken(): readonly string[] {
    return this.invariants.broken;
  }

  /** One run of the job, as one worker would do it. Throws what the run throws. */
  async run(work: Work, gate: Gate = openGate, holds: () => boolean = () => true): Promise<Outcome> {
    const job = this.jobs.add(work);
    const through: Gate = {
      pass: (effect, act) =>
        gate.pass(effect, async () => {
          const answer = await act();
          this.invariants.check(effect);
          return answer;
        }),
    };
    const confirm = async () => {
      if (!holds()) throw new LeaseLostError();
    };
    const hold = gatedHold({ lease: { confirm }, journal: job.journal }, through);
    try {
      const processors = await this.#processors(through);
      const outcome = await processors[work.job](work, hold);
      // The queue writes the outcome down last of all.
      return await through.pass(`queue.${outcome.kind}`, async () => {
        this.jobs.settle(job, outcome);
        return outcome;
      });
    } catch (error) {
      this.invariants.show(describeError(error));
      throw error;
    }
  }

  /**
   * Runs one job as the queue does: again after a crash, a failure or a wait, with time passing, until it is over.
   * Runs go through `gate` until somebody dies there, later ones through an open one.
   */
  async runToEnd(work: Work, gate?: Gate): Promise<Outcome> {
    const job = this.jobs.add(work);
    let through = gate;
    for (let count = 0; count < RUNS; count += 1) {
      through = await this.#runWhenDue(job, through);
      if (job.dueAt === null && job.outcome) return job.outcome;
    }
    throw new Error(`the job did not end within ${RUNS} runs; last: ${job.sentences.at(-1)}`);
  }

  /** Runs every job that was put until all are over, or until `until` where it is given, in epoch milliseconds. */
  async runAll(until = Infinity): Promise<void> {
    for (let count = 0; count < 10 * RUNS; count += 1) {
      const job = this.jobs.next();
      if (!job || (job.dueAt ?? 0) > until) {
        if (until < Infinity) await this.clock.advance(Math.max(0, until - this.clock.now()));
        return;
      }
      await this.#runWhenDue(job);
    }
    throw new Error(`the jobs did not end; the next is ${this.jobs.next()?.work.intent.id}`);
  }

  isAlive(secret: Secret | undefined): boolean {
    return secret !== undefined && isAlive(this.account, secret.reveal());
  }

  /** How many rotations we activated. */
  get activations(): number {
    return this.invariants.activations;
  }

  /** @returns the gate for the next run */
  async #runWhenDue(job: Job, gate?: Gate): Promise<Gate | undefined> {
    await this.clock.advance(Math.max(0, (job.dueAt ?? 0) - this.clock.now()));
    try {
      await this.worker(job.work, gate ?? this.gate);
      return gate;
    } catch (error) {
      const isWorthAnotherTry = error instanceof RotatorError && error.retry === "later";
      if (!(error instanceof Died) && !isWorthAnotherTry) throw error;
      job.dueAt = this.clock.now() + RETRY_MS;
      if (!(error instanceof Died)) return gate;
      this.gate = this.nextGate(this.gate);
      return undefined;
    }
  }

  #places(): readonly Slots[] {
    const main = this.store.slots;
    const elsewhere = this.standbyStore?.slots;
    const { standby } = elsewhere ?? {};
    // What took the active one's place is only left to be cleared away.
    if (!elsewhere || !standby || keyIdOf(standby) === activeKeyId(main)) return [main];
    return [main, { ...elsewhere, active: standby, standby: null }];
  }

  /** What a process has that was just started. */
  async #processors(gate: Gate) {
    const key: ManagedKey = {
      name: "billing",
      store: gatedStore(this.store, gate),
      standbyStore: this.standbyStore && gatedStore(this.standbyStore, gate, "standby"),
      consumers: this.consumers.map((consumer) => gatedConsumer(consumer, gate)),
      checks: this.checks,
      standbyOf: null,
      policy: this.policy,
    };
    const keys = new ManagedKeys(this.isConfigured ? [key] : []);
    await keys.survey();
    const paddle = gatedPaddle(this.#paddle, gate);
    return buildProcessors({
      keys,
      paddle: { ...paddle, urgent: paddle },
      queue: this.jobs,
      rotatesAt: () => null,
      alerts: gatedAlerts({ raise: (alert) => this.#tell(alert) }, gate),
      clock: this.clock,
      records: gatedRecords(this.records, gate),
      log: this.#log,
    });
  }

  async #tell(alert: Alert): Promise<void> {
    this.invariants.show(JSON.stringify(alert));
    if (!this.alerts.some(({ id }) => id === alert.id)) this.alerts.push(alert);
  }
}

function watchedPaddle(paddle: PaddleApi, minted: (secret: string) => void): PaddleApi {
  return {
    ...paddle,
    async createRotation(...given) {
      const created = await paddle.createRotation(...given);
      minted(created.newSecret.reveal());
      return created;
    },
  };
}

function watchedRecords(show: (text: string) => void): Records {
  const records = memoryRecords();
  return {
    get: (...given) => records.get(...given),
    list: (...given) => records.list(...given),
    putIfAbsent(kind, id, value) {
      show(`${id} ${JSON.stringify(value)}`);
      return records.putIfAbsent(kind, id, value);
    },
    trim: (...given) => records.trim(...given),
    append(list, value) {
      show(JSON.stringify(value));
      return records.append(list, value);
    },
  };
}
