/** The engine in memory, with all that people, thieves and Paddle do to it. Each thing happens a second after the last. */
import { Secret } from "../../../src/core/secret.ts";
import { resumeWork } from "../../../src/core/resume-work.ts";
import { activeKeyId, type IssuedSecret, swapBack, unknownOrigin } from "../../../src/core/slots.ts";
import type { Work } from "../../../src/core/work.ts";
import { isExposureOpen, latestExposure } from "../../../src/rotation/exposures.ts";
import { rememberAsked } from "../../../src/rotation/rollback-record.ts";
import { judgeRollback, type RollbackVerdict } from "../../../src/rotation/rollback.ts";
import { readEvent } from "../../../src/webhook/events.ts";
import { plan } from "../../../src/webhook/plan.ts";
import { findKey, type Key } from "../paddle-simulator/account/account.ts";
import {
  createKey,
  expireNow,
  type KeyOptions,
  reactivate,
  revoke,
  warnExpiring,
} from "../paddle-simulator/account/dashboard.ts";
import { expose } from "../paddle-simulator/account/expose.ts";
import { rotateAsThief, type TheftOptions } from "../paddle-simulator/account/thief.ts";
import { renderEvent } from "../paddle-simulator/api/account-wide.ts";
import { Engine } from "./engine.ts";

export { DAY_MS, GRACE_SECONDS, HOUR_MS, type WorldOptions } from "./engine.ts";

/** More than any lost job needs. */
const SWEEPS = 5;

export class World extends Engine {
  /** Events up to this one were delivered. */
  #delivered = 0;
  #asked = 0;

  /** The active key, as Paddle has it. */
  get key(): Key {
    return findKey(this.account, this.activeKeyId);
  }

  /** The key that consumers use; while there is none, the first one. */
  get activeKeyId(): string {
    return activeKeyId(this.store.slots) ?? this.keyId;
  }

  /** The work that a warning of expiry asks for, or a person. */
  intent(kind: "expiring" | "manual", id: string): Work {
    const keyExpiresAt = kind === "expiring" ? this.key.expiresAt : null;
    const intent = { id, kind, requestedAt: this.clock.now() };
    return { job: "rotate", keyName: "billing", keyId: this.activeKeyId, intent, eventId: id, keyExpiresAt };
  }

  /** The work that the webhooks ask for which Paddle has sent since the last time, oldest first; looking into aside. */
  deliver(): Work[] {
    const events = this.account.events.slice(this.#delivered);
    this.#delivered = this.account.events.length;
    return events.flatMap((event) => {
      const parsed = readEvent(JSON.parse(JSON.stringify(renderEvent(this.account, event))));
      if ("notAnEvent" in parsed) throw new Error(parsed.notAnEvent);
      const planned = plan(parsed.event, new Map([[this.activeKeyId, "billing"]]));
      return planned.do === "queue" && planned.work.job !== "inspect" ? [planned.work] : [];
    });
  }

  /** Paddle finds a secret in public. Returns the work that its webhooks ask for. */
  async exposed({ action, keyId = this.activeKeyId }: Exposed): Promise<[Work, ...Work[]]> {
    return this.#after(() => expose(this.account, keyId, { revoke: action === "revoked" }));
  }

  async revokedByUser(keyId = this.activeKeyId): Promise<[Work, ...Work[]]> {
    return this.#after(() => revoke(this.account, keyId, { by: "user" }));
  }

  async reactivated(keyId = this.activeKeyId): Promise<void> {
    await this.#passes();
    reactivate(this.account, keyId);
  }

  async expired(keyId = this.activeKeyId): Promise<[Work, ...Work[]]> {
    return this.#after(() => expireNow(this.account, keyId));
  }

  async warned(keyId = this.activeKeyId): Promise<[Work, ...Work[]]> {
    return this.#after(() => warnExpiring(this.account, keyId));
  }

  /** A person asks for a rotation. */
  async asksForRotation(graceSeconds?: number): Promise<Work> {
    await this.#passes();
    const work = this.intent("manual", this.#manualId());
    return { ...work, eventId: null, ...(graceSeconds !== undefined && { graceSeconds }) };
  }

  /** Somebody else rotates the key, and the policy answers that with a rotation of our own. */
  countering(): Work {
    const intent = { id: "counter-1", kind: "foreign-rotation", requestedAt: this.clock.now() } as const;
    const { activeKeyId: keyId } = this;
    return { job: "revoke-first", keyName: "billing", keyId, intent, eventId: null };
  }

  /** A person brings a key: its secret goes into the standby slot and a job is put, as the API does it. */
  async bringsKey(options: KeyOptions = {}): Promise<Work> {
    await this.#passes();
    const { current } = createKey(this.account, options);
    const id = this.#manualId();
    const now = this.clock.now();
    await this.putStandby({ ...unknownOrigin(new Secret(current)), issuedAt: now, intentId: id });
    const intent = { id, kind: "manual", requestedAt: now } as const;
    return { job: "replace", keyName: "billing", keyId: this.activeKeyId, intent, eventId: null };
  }

  async putStandby(standby: IssuedSecret): Promise<void> {
    const { slots, version } = await this.store.read();
    await this.store.write({ ...slots, standby }, version);
  }

  /**
   * A person wants the former secret back. @param askedBy the desk remembers who asked, and dies right behind its
   * write; null: it told people itself, which is not looked at here
   */
  async rollsBack(askedBy: string | null = null): Promise<RollbackVerdict> {
    await this.#passes();
    const { slots, version } = await this.store.read();
    const exposure = await latestExposure(this.records, this.activeKeyId);
    const old = this.isAlive(slots.old?.secret) ? "accepted" : "refused";
    const exposureOpen = isExposureOpen(exposure, slots);
    const verdict = judgeRollback({ slots, exposureOpen, old, now: this.clock.now() });
    if (!("go" in verdict) || !slots.active) return verdict;
    const at = this.clock.now();
    if (askedBy !== null) await rememberAsked(this.records, slots.active, { askedBy, at });
    await this.store.write(swapBack(slots), version);
    return verdict;
  }

  /** A thief rotates the key with a stolen secret; left out: the active one. */
  async thief(options: TheftOptions & { readonly stolen?: string } = {}): Promise<{ secret: string }> {
    await this.#passes();
    const stolen = options.stolen ?? this.store.slots.active?.secret.reveal() ?? "";
    return rotateAsThief(this.account, stolen, options);
  }

  /** The sweep finds what is in flight without a job, until nothing is. */
  async resumes(): Promise<void> {
    for (let sweeps = 0; sweeps < SWEEPS; sweeps += 1) {
      await this.runAll();
      const { slots } = this.store;
      if (!slots.pending && !slots.old && !slots.rolledBack) return;
      await this.#passes();
      this.jobs.add(resumeWork({ keyName: "billing", keyId: this.activeKeyId, slots }, this.clock.now()));
    }
    throw new Error("the sweep finds something in flight again and again");
  }

  /** Somebody brings back an earlier state of the store. */
  restores(backup: ReturnType<Engine["store"]["backup"]>): void {
    this.store.restore(backup);
    this.invariants.restored();
  }

  async #after(act: () => void): Promise<[Work, ...Work[]]> {
    await this.#passes();
    this.deliver();
    act();
    const [first, ...others] = this.deliver();
    if (!first) throw new Error("no webhook asks for anything");
    return [first, ...others];
  }

  #manualId(): string {
    this.#asked += 1;
    return `manual-${this.#asked}`;
  }

  async #passes(): Promise<void> {
    await this.clock.advance(1000);
  }
}

type Exposed = { readonly action: "none" | "revoked"; readonly keyId?: string };
