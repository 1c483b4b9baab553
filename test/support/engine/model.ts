/**
 * Any story that may happen to a managed key: two workers step by step, accidents, webhooks in any order, and all
 * that people, thieves and Paddle do meanwhile. When the story is told, the accidents stop, and the engine has to
 * bring it to its right end by itself.
 */
import { keyIdOf } from "../../../src/core/slots.ts";
import type { IntentKind, JobName, Work } from "../../../src/core/work.ts";
import { findKey } from "../paddle-simulator/account/account.ts";
import { expireNow, reactivate, revoke, warnExpiring } from "../paddle-simulator/account/dashboard.ts";
import { expose } from "../paddle-simulator/account/expose.ts";
import { rotateAsThief } from "../paddle-simulator/account/thief.ts";
import type { Job } from "./jobs.ts";
import { judge } from "./judgement.ts";
import { Outside, SWEEP_MS } from "./outside.ts";
import { SteppedWorker } from "./stepped-worker.ts";
import {
  type Act,
  type Deed,
  type Fate,
  isDeed,
  isFate,
  isPeaceful,
  type Story,
  type Wish,
} from "./story.ts";
import { DAY_MS, HOUR_MS, World } from "./world.ts";

/** Sweeps become rare, so that a story with days of waiting is soon told. */
const LONGEST_MS = 8 * HOUR_MS;
/** Longer than any grace or overlap. */
const ROUNDS = 40;

/** Tells the story and returns what is wrong with it, in sentences. */
export async function tell(
  story: Story,
): Promise<{ readonly wrong: readonly string[]; readonly world: World }> {
  const teller = new Teller(story);
  for (const act of story.acts) await teller.happens(act);
  await teller.calmsDown();
  return { wrong: judge(teller), world: teller.world };
}

class Teller {
  readonly world: World;
  readonly stolen = new Set<string>();
  readonly wereActive = new Set<string>();
  readonly wereInUse = new Set<string>();
  readonly isPeaceful: boolean;
  readonly wasReactivated: boolean;
  isRestored = false;
  readonly #outside: Outside;
  readonly #workers: readonly [SteppedWorker, SteppedWorker];
  readonly #catchesUp: boolean;
  /** Webhooks on their way. */
  readonly #underWay: Work[] = [];
  #backup: ReturnType<World["store"]["backup"]>;
  #asked = 0;

  constructor({ options, acts, catchesUp }: Story) {
    this.isPeaceful = acts.every(isPeaceful);
    this.wasReactivated = acts.some(({ act }) => act === "reactivated");
    this.world = new World(options);
    this.#outside = new Outside(this.world);
    this.#workers = [new SteppedWorker(this.world), new SteppedWorker(this.world)];
    this.#catchesUp = catchesUp;
    this.#backup = this.world.store.backup();
  }

  async happens(what: Act): Promise<void> {
    this.#notesWhatIsUsed();
    if (isDeed(what)) await this.#does(what);
    else await this.world.clock.advance(1000);
    if (isFate(what)) this.#befalls(what);
    else if (!isDeed(what)) await this.#wishes(what);
    this.#underWay.push(...this.#outside.news());
  }

  #notesWhatIsUsed(): void {
    const { active } = this.world.store.slots;
    this.wereActive.add(this.world.activeKeyId);
    if (active) this.wereInUse.add(active.secret.reveal());
  }

  /** What our own machines do, and the network. */
  async #does(what: Deed): Promise<void> {
    switch (what.act) {
      case "work": {
        const worker = this.#workers[what.worker];
        const job = worker.job ? null : this.#due();
        if (job) await worker.takes(job, null);
        for (let count = 0; count < what.effects; count += 1) await worker.does("goes on");
        break;
      }
      case "mishap":
        await this.#workers[what.worker].does(what.move);
        break;
      case "take over": {
        const [worker, other] = what.worker === 0 ? this.#workers : this.#workers.toReversed();
        if (worker && other?.job && !worker.job) await worker.takes(other.job, other);
        break;
      }
      case "webhook": {
        const [work] = this.#underWay.splice(what.which % Math.max(1, this.#underWay.length), 1);
        if (work) this.#outside.accept(work);
        if (work && what.again) this.#underWay.push(work);
        break;
      }
      case "time":
        await this.world.clock.advance(what.ms);
        break;
      case "swept":
        await this.#outside.sweep();
        break;
      default:
        what satisfies never;
    }
  }

  /** What others do. Paddle refuses some of it, and then nothing happened. */
  #befalls(what: Fate): void {
    const { account, activeKeyId: keyId } = this.world;
    try {
      switch (what.act) {
        case "exposed":
          return expose(account, keyId, { revoke: what.revoked });
        case "revoked":
          return revoke(account, keyId, { by: "user" });
        case "reactivated":
          return reactivate(account, keyId);
        case "expired":
          return expireNow(account, keyId);
        case "warned":
          return warnExpiring(account, keyId);
        case "thief":
          return this.#robs(what);
        default:
          what satisfies never;
      }
    } catch {
      // Refused.
    }
  }

  #robs({ activates, graceSeconds }: Extract<Fate, { act: "thief" }>): void {
    const { account, store } = this.world;
    const stolen = store.slots.active?.secret.reveal() ?? "";
    const { rotationId } = rotateAsThief(account, stolen, { graceSeconds, activate: activates });
    if (activates) this.stolen.add(rotationId);
  }

  /** What our own people do. */
  async #wishes(what: Wish): Promise<void> {
    const { world } = this;
    switch (what.act) {
      case "rolled back":
        if ("go" in (await world.rollsBack())) this.#put("rotate", "resume");
        break;
      case "brought":
        world.jobs.add(await world.bringsKey());
        break;
      case "asked":
        this.#put(what.job, "manual");
        break;
      case "countered":
        this.#put("revoke-first", "foreign-rotation");
        break;
      case "backup":
        this.#backup = world.store.backup();
        break;
      case "restored":
        world.restores(this.#backup);
        this.isRestored = true;
        break;
      default:
        what satisfies never;
    }
  }

  /** No more accidents: whoever was at work is gone, and the sweep finds what nobody looks after. */
  async calmsDown(): Promise<void> {
    const { world } = this;
    this.#notesWhatIsUsed();
    for (const worker of this.#workers) await worker.does("dies before");
    if (this.#catchesUp) for (const work of this.#underWay) this.#outside.accept(work);
    await this.#aDayOfSweeps();
    for (let round = 0; round < ROUNDS; round += 1) {
      await this.#outside.sweep();
      const next = world.jobs.next();
      if (!next && round > 0) return;
      const pause = Math.min(2 ** round * SWEEP_MS, LONGEST_MS);
      await world.runAll(Math.max(world.clock.now() + pause, next?.dueAt ?? 0));
      this.#endFormerKey();
      for (const work of this.#outside.news()) this.#outside.accept(work);
    }
  }

  /** Which rotation came last is looked at once a day, and matters only if there were others than ours. */
  async #aDayOfSweeps(): Promise<void> {
    if (this.stolen.size === 0) return;
    for (let passed = 0; passed < DAY_MS; passed += SWEEP_MS) {
      await this.#outside.sweep();
      await this.world.clock.advance(SWEEP_MS);
    }
  }

  /** People do what they are asked to: they revoke a key that was replaced. */
  #endFormerKey(): void {
    const { account, store, alerts, activeKeyId } = this.world;
    const formerId = store.slots.old && keyIdOf(store.slots.old);
    if (formerId === null || formerId === activeKeyId) return;
    const isAsked = alerts.some(({ kind, keyId }) => kind === "former-key-lives" && keyId === formerId);
    if (isAsked && findKey(account, formerId).status === "active") revoke(account, formerId, { by: "user" });
  }

  /** The job that an idle worker would take: due, and with no living worker; emergencies first. */
  #due(): Job | null {
    const { jobs, clock } = this.world;
    const held = this.#workers.map(({ job }) => job);
    const isFree = (job: Job) => job.dueAt !== null && job.dueAt <= clock.now() && !held.includes(job);
    const due = jobs.all.filter(isFree);
    return due.find(({ work }) => work.job !== "rotate") ?? due[0] ?? null;
  }

  #put(job: JobName, kind: IntentKind): void {
    this.#asked += 1;
    const { jobs, clock, activeKeyId: keyId } = this.world;
    const intent = { id: `${kind}-by-${this.#asked}`, kind, requestedAt: clock.now() };
    jobs.add({ job, keyName: "billing", keyId, intent, eventId: null });
  }
}
