/**
 * A site in compressed time: many keys of one account, one server for queue and records, channels, people, and one
 * rotator that is started again whenever it dies. Everything that is due happens in its order; nothing takes real time.
 */
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import { pino } from "pino";
import type { Alert } from "../../src/core/alert.ts";
import { LeaseLostError, RotatorError } from "../../src/core/errors.ts";
import type { PaddleApi } from "../../src/core/ports.ts";
import type { Work } from "../../src/core/work.ts";
import { backoffMs } from "../../src/queue/backoff.ts";
import { tellFailure, tellRecovery } from "../../src/queue/job-trouble.ts";
import { Died } from "../support/engine/gates.ts";
import { seeded } from "../support/engine/seeded.ts";
import { simulatedPaddle } from "../support/engine/simulated-paddle.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { openAccount } from "../support/paddle-simulator/account/account.ts";
import { settle } from "../support/paddle-simulator/account/settle.ts";
import { DEFAULT_SWITCHES } from "../support/paddle-simulator/switches.ts";
import { AlertQueue, Channel } from "./alert-queue.ts";
import type { KeptRecords } from "./kept-records.ts";
import { Post } from "./post.ts";
import { type Doom, type SoakProcess, startProcess, SWEEP_MS } from "./process.ts";
import { type Job, SoakQueue } from "./queue.ts";
import { DAY_MS, SiteKey } from "./site-key.ts";

/** Queue and records are down together (`server`), or the records alone do not answer. */
export type Neighbour = "paddle" | "server" | "records" | "ops" | "oncall";

/** As src/queue/job-options.ts has it. */
const ATTEMPTS = 1_161;
/** A killed worker's job is another's after so long. */
const STALLED_MS = 8_000;
const SECRET = /pdl_(?:live|sdbx)_apikey_[a-z\d]{26}_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}/;

export type SiteOptions = {
  readonly keys: number;
  readonly seed: number;
  /** What the records would keep if nothing were forgotten. Left out: nobody wants to know. */
  readonly kept?: KeptRecords;
};

export class Site {
  readonly clock = new FakeClock();
  readonly records;
  /** The real year is a month here, so that what is forgotten is forgotten often. */
  readonly keptMs = 30 * DAY_MS;
  readonly random: () => number;
  readonly account;
  readonly paddle: PaddleApi;
  readonly keys: readonly SiteKey[];
  readonly queue: SoakQueue;
  readonly alertQueue: AlertQueue;
  readonly post: Post;
  readonly broken: string[] = [];
  readonly #lines = (line: string): void => this.#show(line);
  readonly log = pino({ level: "info" }, { write: this.#lines });
  doom: Doom | null = null;
  crashes = 0;
  runs = 0;
  sweeps = 0;
  raised = 0;
  /** How often a key was found in order after days of calm. */
  judged = 0;
  /** When something was wrong last that concerns more than one key. */
  lastTroubleAt = 0;
  readonly #downUntil = new Map<Neighbour, number>();
  readonly #keyOf = new Map<string, SiteKey>();
  #process: SoakProcess | null = null;
  #about: SiteKey | null = null;
  #seen = 0;
  #nextSweepAt: number;

  constructor({ keys, seed, kept }: SiteOptions) {
    const { clock } = this;
    this.records = kept?.watch(memoryRecords()) ?? memoryRecords();
    this.random = seeded(seed);
    const random = seeded(seed ^ 0x5bd1e995);
    this.account = openAccount({ environment: "sandbox", switches: DEFAULT_SWITCHES, clock, random });
    const show = (text: string) => this.#show(text);
    this.queue = new SoakQueue(clock, { keptMs: this.keptMs - 5 * DAY_MS, kept: 10_000, show });
    this.keys = Array.from(
      { length: keys },
      (_, index) => new SiteKey(index, this.account, (id) => this.queue.kindOf(id)),
    );
    this.paddle = this.#watchedPaddle(simulatedPaddle(this.account));
    this.alertQueue = new AlertQueue(
      clock,
      [new Channel("log", "info"), new Channel("ops", "info"), new Channel("oncall", "critical")],
      this.keptMs - 5 * DAY_MS,
    );
    for (const channel of this.alertQueue.channels)
      if (channel.name === "ops" || channel.name === "oncall") {
        const { name } = channel;
        channel.isDown = () => this.isDown(name);
      }
    this.queue.isDown = () => this.isDown("server");
    this.alertQueue.isDown = () => this.isDown("server");
    this.post = new Post(this.random);
    this.#seen = this.account.events.length;
    this.#nextSweepAt = this.now;
  }

  get now(): number {
    return this.clock.now();
  }

  isDown(who: Neighbour): boolean {
    return this.now < (this.#downUntil.get(who) ?? 0);
  }

  fails(who: Neighbour, ms: number): void {
    this.#downUntil.set(who, this.now + ms);
    this.troubled(null, ms);
  }

  /** @param about null: everybody. Trouble that lasts is over after `ms`. */
  troubled(about: SiteKey | null, ms = 0): void {
    const place = about ?? this;
    place.lastTroubleAt = Math.max(place.lastTroubleAt, this.now + ms);
  }

  /** The managed key that has or had this key id. */
  ownerOf(keyId: string): SiteKey | null {
    const known = this.#keyOf.get(keyId) ?? this.keys.find(({ account }) => account.keys.has(keyId));
    if (known) this.#keyOf.set(keyId, known);
    return known ?? null;
  }

  forgetOwners(keyIds: readonly string[]): void {
    for (const keyId of keyIds) this.#keyOf.delete(keyId);
  }

  /** Everything that is due until then happens. */
  async passes(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      this.#collectEvents();
      const readyAt = this.isDown("server") ? (this.#downUntil.get("server") ?? 0) : this.now;
      const job = this.queue.next;
      const served = Math.max(
        readyAt,
        Math.min(this.alertQueue.nextAt, this.#nextSweepAt, job?.dueAt ?? Infinity),
      );
      const at = Math.min(served, Math.max(this.now, this.post.nextAt));
      if (at > until) break;
      if (at > this.now) await this.clock.advance(at - this.now);
      await this.#happens(at, job);
    }
    await this.clock.advance(until - this.now);
    settle(this.account);
    this.#collectEvents();
  }

  /** One effect, after which the invariants of the key that it is about are looked at. */
  async watched<T>(effect: string, act: () => Promise<T>): Promise<T> {
    const about = this.#about;
    const answer = await act();
    if (about && /^(paddle|store|standby)\./.test(effect)) about.invariants.check(effect);
    return answer;
  }

  told(alert: Alert): void {
    this.#show(JSON.stringify(alert));
    this.raised += 1;
    this.keys.find(({ name }) => name === alert.keyName?.replace(/-standby$/, ""))?.told(alert);
  }

  async put(work: Work): Promise<void> {
    await this.queue.put(work);
  }

  async #happens(at: number, job: Job | null): Promise<void> {
    const process = (this.#process ??= await startProcess(this));
    const isServed = !this.isDown("server");
    try {
      if (this.post.nextAt <= at)
        await this.post.deliverNext(this.now, (webhook) => process.receive(webhook));
      else if (isServed && this.alertQueue.nextAt <= at) await this.alertQueue.deliverNext();
      else if (isServed && job && job.dueAt <= at) await this.#run(process, job);
      else if (isServed) await this.#sweep(process);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.#process = null;
    }
    this.#about = null;
  }

  async #sweep(process: SoakProcess): Promise<void> {
    this.sweeps += 1;
    this.#nextSweepAt = this.now + SWEEP_MS;
    await process.sweep().catch((error: unknown) => {
      if (!(error instanceof RotatorError)) throw error;
    });
    // What it has begun without waiting for it.
    await turnOfTheEventLoop();
  }

  /** As src/queue/worker.ts does it. */
  async #run(process: SoakProcess, job: Job): Promise<void> {
    const { work, journal } = job;
    const tellers = { alerts: process.alerts, records: process.records, log: this.log };
    const { id } = work.intent;
    this.#about = this.ownerOf(work.keyId);
    this.runs += 1;
    const gated = {
      ...journal,
      note: (...given: Parameters<typeof journal.note>) =>
        process.gate.pass("queue.note", () => journal.note(...given)),
    };
    try {
      const outcome = await process.processors[work.job](work, {
        lease: { confirm: async () => {} },
        journal: gated,
      });
      await tellRecovery({ id, name: work.job, attemptsMade: job.failures }, work, this.now, tellers);
      job.failuresInARow = 0;
      await process.gate.pass(`queue.${outcome.kind}`, async () => this.queue.settle(job, outcome));
      if (outcome.kind === "needs-person") this.#mustBeTold(work);
    } catch (error) {
      if (error instanceof Died) {
        job.dueAt = this.now + STALLED_MS;
        throw error;
      }
      if (!(error instanceof RotatorError) || error instanceof LeaseLostError) throw error;
      job.failures += 1;
      job.failuresInARow += 1;
      job.dueAt = this.now + backoffMs(job.failures, () => 0);
      const about = { id, name: work.job, opts: { attempts: ATTEMPTS } };
      await tellFailure(
        { job: about, work, attempt: job.failures, error, reason: error.message, now: this.now },
        tellers,
      );
    }
  }

  #mustBeTold({ keyId, intent }: Work): void {
    const key = this.ownerOf(keyId);
    if (
      key &&
      !key.alerts.some(({ action, raisedAt }) => action !== null && raisedAt > this.now - this.keptMs)
    )
      this.broken.push(`I5: ${intent.id} of ${key.name} needs a person, and nobody was told`);
  }

  #collectEvents(): void {
    const { events } = this.account;
    for (const event of events.slice(this.#seen)) this.post.send(event, this.now);
    this.#seen = events.length;
  }

  /** What Paddle does not list any more is forgotten by everybody. */
  forgetEvents(before: number): void {
    const { events } = this.account;
    const kept = events.findIndex(({ occurredAt }) => occurredAt >= before);
    events.splice(0, kept === -1 ? events.length : kept);
    this.#seen = events.length;
  }

  #show(text: string): void {
    if (text.includes("pdl_sdbx_apikey_") && SECRET.test(text)) this.broken.push("I6: a secret was shown");
  }

  #watchedPaddle(paddle: PaddleApi): PaddleApi {
    return {
      ...paddle,
      createRotation: async (keyId, ...given) => {
        const created = await paddle.createRotation(keyId, ...given);
        this.ownerOf(keyId)?.minted(keyId, created.newSecret.reveal());
        return created;
      },
    };
  }
}
