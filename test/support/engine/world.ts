/**
 * The whole engine in memory: the real steps and decisions, Paddle's state machine, a store, records and a clock.
 * After every effect the invariants are checked, so a test need only say what happens to whom.
 */
import type { Alert } from "../../../src/core/alert.ts";
import { LeaseLostError, RotatorError } from "../../../src/core/errors.ts";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import type { JobHold } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import type { Outcome, Work } from "../../../src/core/work.ts";
import { rotate } from "../../../src/rotation/rotate.ts";
import { FakeClock } from "../fake-clock.ts";
import { memoryRecords } from "../memory-records.ts";
import { MemoryStore } from "../memory-store.ts";
import { type Account, findKey, livingOld, openAccount } from "../paddle-simulator/account/account.ts";
import { isAlive } from "../paddle-simulator/account/authenticate.ts";
import { createKey, type KeyOptions } from "../paddle-simulator/account/dashboard.ts";
import { DEFAULT_SWITCHES, type Switches } from "../paddle-simulator/switches.ts";
import { gatedAlerts, gatedHold, gatedPaddle, gatedStore } from "./gated-ports.ts";
import { Died, type Gate, openGate } from "./gates.ts";
import { simulatedPaddle } from "./simulated-paddle.ts";

export const GRACE_SECONDS = 3600;
const DAY_MS = 86_400_000;
const RETRY_MS = 2_000;
/** More runs than any rotation needs, even with an accident in each. */
const RUNS = 30;

export type WorldOptions = {
  readonly key?: KeyOptions;
  readonly switches?: Partial<Switches>;
  readonly graceSeconds?: number;
};

export class World {
  readonly clock = new FakeClock();
  readonly account: Account;
  readonly keyId: string;
  readonly firstSecret: string;
  readonly store: MemoryStore;
  readonly records = memoryRecords();
  readonly alerts: Alert[] = [];
  readonly sentences: string[] = [];
  /** What went wrong with the invariants, where anything did. */
  readonly broken: string[] = [];
  /** How many intents were asked for: no more rotations may be activated. */
  intents = 0;
  readonly #graceSeconds: number;
  #completed = 0;

  constructor({ key = {}, switches = {}, graceSeconds = GRACE_SECONDS }: WorldOptions = {}) {
    const random = seeded();
    this.account = openAccount({
      environment: "sandbox",
      switches: { ...DEFAULT_SWITCHES, ...switches },
      clock: this.clock,
      random,
    });
    const created = createKey(this.account, { expiresAt: this.clock.now() + 6 * DAY_MS, ...key });
    this.keyId = created.id;
    this.firstSecret = created.current;
    this.store = new MemoryStore({ active: unknownOrigin(new Secret(created.current)) });
    this.#graceSeconds = graceSeconds;
  }

  /** The work that the webhook `api_key.expiring` asks for, or a person. */
  intent(kind: "expiring" | "manual", id: string): Work {
    this.intents += 1;
    const keyExpiresAt = kind === "expiring" ? findKey(this.account, this.keyId).expiresAt : null;
    const intent = { id, kind, requestedAt: this.clock.now() };
    return { job: "rotate", keyName: "billing", keyId: this.keyId, intent, eventId: id, keyExpiresAt };
  }

  /** One run of the job, as one worker would do it. Throws what the run throws. */
  async run(work: Work, gate: Gate = openGate, holds: () => boolean = () => true): Promise<Outcome> {
    const through: Gate = {
      pass: async (effect, act) => {
        try {
          return await gate.pass(effect, act);
        } finally {
          this.#check(effect);
        }
      },
    };
    const key: ManagedKey = {
      name: "billing",
      store: gatedStore(this.store, through),
      policy: { lifetimeMs: 90 * DAY_MS, graceSeconds: this.#graceSeconds },
    };
    const outcome = await rotate(work, key, gatedHold(this.#hold(holds), through), {
      paddle: gatedPaddle(simulatedPaddle(this.account), through),
      alerts: gatedAlerts({ raise: async (alert) => void this.alerts.push(alert) }, through),
      clock: this.clock,
      records: this.records,
    });
    // The queue writes the outcome down last of all.
    return through.pass(`queue.${outcome.kind}`, () => Promise.resolve(outcome));
  }

  /**
   * Runs the job as the queue does: again after a crash, a failure or a wait, with time passing, until it is over.
   * The first run goes through `gate`, later ones through an open one, unless the gate is to stay.
   */
  async runToEnd(work: Work, gate: Gate = openGate): Promise<Outcome> {
    let through = gate;
    for (let count = 0; count < RUNS; count += 1) {
      try {
        const outcome = await this.run(work, through);
        if (outcome.kind !== "wait") return outcome;
        await this.clock.advance(Math.max(0, outcome.at - this.clock.now()));
      } catch (error) {
        if (!(error instanceof Died) && !(error instanceof RotatorError)) throw error;
        if (error instanceof Died) through = openGate;
        await this.clock.advance(RETRY_MS);
      }
    }
    throw new Error(`the job did not end within ${RUNS} runs; last: ${this.sentences.at(-1)}`);
  }

  isAlive(secret: Secret | undefined): boolean {
    return secret !== undefined && isAlive(this.account, secret.reveal());
  }

  get activations(): number {
    return findKey(this.account, this.keyId).rotations.filter(({ status }) => status === "completed").length;
  }

  #hold(holds: () => boolean): JobHold {
    return {
      lease: {
        confirm: async () => {
          if (!holds()) throw new LeaseLostError();
        },
      },
      journal: { note: async (_fact, sentence) => void this.sentences.push(sentence) },
    };
  }

  /** I1, I2, I3, I4, I6 and I8, as far as they can be seen right after one effect. */
  #check(effect: string): void {
    const { active, old, pending } = this.store.slots;
    const key = findKey(this.account, this.keyId);
    const fail = (invariant: string) => this.broken.push(`${invariant} after ${effect}`);

    const held = [active, old, pending].map((slot) => slot?.secret);
    if (key.status === "active" && !held.some((secret) => this.isAlive(secret))) fail("I1");
    if (key.status === "active" && this.#graceSeconds > 0 && !this.isAlive(active?.secret)) fail("I2");
    const completed = key.rotations.filter(({ status }) => status === "completed");
    const latest = completed.at(-1);
    if (completed.length > this.#completed && latest?.newSecret !== pending?.secret.reveal()) fail("I3");
    this.#completed = completed.length;
    if (this.activations > this.intents) fail("I4");
    if (livingOld(key, this.clock.now()).length > 1) fail("I8");
    const shown = JSON.stringify([this.sentences, this.alerts]);
    if ([...this.account.owners.keys()].some((secret) => shown.includes(secret))) fail("I6");
  }
}

/** Random numbers that are the same in every run (mulberry32). */
function seeded(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
