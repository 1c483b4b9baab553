/**
 * The invariants of the design, as far as they can be seen from outside right after one effect. What is broken is
 * kept as sentences, so that a test shows all of it at once.
 */
import type { Alert } from "../../../src/core/alert.ts";
import type { Clock } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type IssuedSecret, keyIdOf, type PendingSecret, type Slots } from "../../../src/core/slots.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import { ROLLBACK_MARGIN_MS } from "../../../src/rotation/next-step.ts";
import { type Account, type Key, livingOld, type Rotation } from "../paddle-simulator/account/account.ts";
import { isAlive } from "../paddle-simulator/account/authenticate.ts";

/** A crash or two may lie between an activation and the long sleep after it. */
const SHORT_MS = 60_000;

export type Watched = {
  readonly account: Account;
  readonly clock: Clock;
  /** The slots of every store. A standby in a store of its own is the active secret there. */
  readonly places: () => readonly Slots[];
  /** Alerts that were raised so far. */
  readonly alerts: readonly Alert[];
  /** What the intent with this id is about; undefined: nobody asked for it. */
  readonly intentKind: (id: string) => IntentKind | undefined;
};

type Activation = { readonly rotation: Rotation; readonly staged: PendingSecret | null };

export class Invariants {
  readonly broken: string[] = [];
  readonly #watched: Watched;
  readonly #ours = new Set<string>();
  readonly #activations = new Map<string, Activation>();
  #before: readonly Slots[];
  #lastEffectAt: number;
  /** The active secret that died while nobody worked. */
  #overslept: string | null = null;
  #restored = false;
  #shown = "";

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#before = watched.places();
    this.#lastEffectAt = watched.clock.now();
  }

  /** Paddle gave us this secret, whether or not we heard of it. */
  minted(secret: string): void {
    this.#ours.add(secret);
  }

  /** A backup was put in the place of the store: it knows nothing of what was issued or activated since. */
  restored(): void {
    this.#restored = true;
  }

  /** A text that somebody may see. */
  show(text: string): void {
    this.#shown += text;
  }

  /** How many rotations we activated. */
  get activations(): number {
    return this.#activations.size;
  }

  check(effect: string): void {
    const { places, clock } = this.#watched;
    const now = places();
    const broken = [
      ...this.#activated(now.flatMap(({ pending }) => pending ?? [])),
      ...now.flatMap((slots, index) => [
        ...this.#someSecretLives(slots),
        ...this.#activeLives(slots),
        ...this.#formerAreDead(slots, this.#before[index]),
      ]),
      ...this.#oneGraceAtATime(),
      ...this.#nothingShown(),
    ];
    this.broken.push(...broken.map((what) => `${what} (after ${effect})`));
    this.#before = now;
    this.#lastEffectAt = clock.now();
  }

  /** I3 and I4: what was activated by us since the last look was staged, and the only one for its intent. */
  *#activated(pendings: readonly PendingSecret[]): Generator<string> {
    for (const rotation of this.#completed()) {
      if (!this.#ours.has(rotation.newSecret) || this.#activations.has(rotation.id)) continue;
      const staged = pendings.find(({ secret }) => secret.reveal() === rotation.newSecret) ?? null;
      if (!staged) yield `I3: ${rotation.id} was activated and is not staged`;
      const sameIntent = [...this.#activations.values()].some(
        (other) => other.rotation.keyId === rotation.keyId && other.staged?.intentId === staged?.intentId,
      );
      if (staged && sameIntent && !this.#restored) yield `I4: ${staged.intentId} activated another rotation`;
      this.#activations.set(rotation.id, { rotation, staged });
    }
  }

  *#someSecretLives({ active, old, pending, standby }: Slots): Generator<string> {
    // A standby that is made new lives until its successor is used.
    const renewed = pending && standby && keyIdOf(pending) === keyIdOf(standby) ? standby : null;
    const held = [active, old, pending, renewed].filter((issued) => issued !== null);
    if (held.some((issued) => this.#lives(issued))) return;
    if (!held.every((issued) => this.#isBeyondUs(issued))) yield "I1: no secret in the store lives";
  }

  *#activeLives({ active, pending, rolledBack }: Slots): Generator<string> {
    if (!active || this.#lives(active) || this.#isBeyondUs(active)) return;
    if (pending?.mode === "revoke-first" && this.#isCurrent(pending)) return;
    if (this.#overslept === active.secret.reveal()) return;
    const death = this.#keyOf(active)?.old.find(({ secret }) => secret === active.secret.reveal());
    const graceMs = (pending?.graceSeconds ?? 0) * 1000;
    const allowedMs = Math.max(0, (rolledBack ? ROLLBACK_MARGIN_MS : graceMs) - SHORT_MS);
    if (death && death.diesAt - this.#lastEffectAt >= allowedMs) this.#overslept = active.secret.reveal();
    else yield "I2: the active secret is dead";
  }

  /** I7, at the moment of a promotion that was to kill. */
  *#formerAreDead({ active }: Slots, before: Slots | undefined): Generator<string> {
    const pending = before?.pending;
    if (pending?.mode !== "revoke-first" || active?.secret.reveal() !== pending.secret.reveal()) return;
    const key = this.#keyOf(active);
    if (!key) return;
    const others = [key.current, ...key.old.map(({ secret }) => secret)].filter(
      (secret) => secret !== active.secret.reveal() && isAlive(this.#watched.account, secret),
    );
    const alarms = this.#watched.alerts.filter(({ kind }) => kind === "exposed-secret-lives");
    for (const other of others) {
      const names = [new Secret(other).fingerprint(), "we did not issue"];
      if (!alarms.some(({ happened }) => names.some((name) => happened.includes(name))))
        yield "I7: a former secret lives and nobody was alarmed";
    }
  }

  *#oneGraceAtATime(): Generator<string> {
    const { account, clock, intentKind } = this.#watched;
    const now = clock.now();
    for (const key of account.keys.values()) {
      const dying = livingOld(key, now).map(({ diesAt }) => diesAt);
      const running = [...this.#activations.values()].filter(({ rotation, staged }) => {
        if (rotation.keyId !== key.id || staged?.mode !== "graceful") return false;
        const isForExposure = intentKind(staged.intentId ?? "") === "exposed";
        return !isForExposure && rotation.expiresAt !== null && dying.includes(rotation.expiresAt);
      });
      if (running.length > 1 && !this.#restored) yield `I8: ${running.length} graces of ${key.id} run`;
    }
  }

  *#nothingShown(): Generator<string> {
    const shown = this.#shown;
    this.#shown = "";
    if ([...this.#watched.account.owners.keys()].some((secret) => shown.includes(secret)))
      yield "I6: a secret was shown";
  }

  /** Paddle or a person ended the key, somebody else has its newest secret, or the store is not ours any more. */
  #isBeyondUs(issued: IssuedSecret): boolean {
    const key = this.#keyOf(issued);
    if (!key || this.#restored || key.status !== "active") return true;
    const newest = this.#completed()
      .filter(({ keyId }) => keyId === key.id)
      .at(-1);
    return newest !== undefined && !this.#ours.has(newest.newSecret);
  }

  #completed(): Rotation[] {
    const rotations = [...this.#watched.account.keys.values()].flatMap((key) => key.rotations);
    return rotations.filter(({ status }) => status === "completed");
  }

  #lives({ secret }: IssuedSecret): boolean {
    return isAlive(this.#watched.account, secret.reveal());
  }

  #isCurrent(issued: IssuedSecret): boolean {
    return this.#keyOf(issued)?.current === issued.secret.reveal();
  }

  #keyOf({ secret }: IssuedSecret): Key | undefined {
    return this.#watched.account.owners.get(secret.reveal());
  }
}
