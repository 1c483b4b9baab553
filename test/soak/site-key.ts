/** One managed key of the site: its stores, applications, policy, and the invariants that watch over it. */
import type { Alert } from "../../src/core/alert.ts";
import { StoreError } from "../../src/core/errors.ts";
import type { RotationPolicy } from "../../src/core/managed-key.ts";
import type { SecretStore } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { activeKeyId, keyIdOf, type Slots, unknownOrigin } from "../../src/core/slots.ts";
import type { IntentKind } from "../../src/core/work.ts";
import { Invariants } from "../support/engine/invariants.ts";
import { MemoryCheck } from "../support/memory-check.ts";
import { MemoryConsumer } from "../support/memory-consumer.ts";
import { MemoryStore } from "../support/memory-store.ts";
import type { Account, Key } from "../support/paddle-simulator/account/account.ts";
import { isAlive } from "../support/paddle-simulator/account/authenticate.ts";
import { createKey, type KeyOptions } from "../support/paddle-simulator/account/dashboard.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const ALERTS_KEPT = 200;
const READS_ALL = ["api_key.read", "notification.read", "transaction.read"];

const POLICY: RotationPolicy = {
  everyMs: null,
  renewBeforeMs: 7 * DAY_MS,
  lifetimeMs: 90 * DAY_MS,
  graceSeconds: 4 * 3600,
  window: null,
  jitterMs: 0,
  onExposure: "revoke-first",
  foreignRotation: "alert",
  revokeFirstsPerHour: 3,
  overlapMs: 0,
};

type Kind = {
  readonly policy?: Partial<RotationPolicy>;
  readonly key?: KeyOptions;
  readonly standby?: "same-store" | "elsewhere";
  /** What is done when its check fails; left out: nobody looks. */
  readonly check?: "alert" | "rollback";
  readonly used?: boolean;
};

/** Each key is one of these, in turn. */
const KINDS: readonly Kind[] = [
  { used: true },
  { policy: { everyMs: 30 * DAY_MS, graceSeconds: 86_400 }, used: true, check: "alert" },
  { policy: { overlapMs: DAY_MS }, standby: "same-store", used: true },
  { policy: { everyMs: 14 * DAY_MS }, standby: "elsewhere", used: true, check: "rollback" },
  { policy: { onExposure: "graceful", everyMs: 45 * DAY_MS, jitterMs: DAY_MS } },
  { key: { rotatable: false, expiresAt: null }, policy: { overlapMs: 3 * HOUR_MS }, standby: "same-store" },
  { policy: { graceSeconds: 0, everyMs: 14 * DAY_MS }, used: true },
  { policy: { lifetimeMs: 30 * DAY_MS, graceSeconds: 86_400 }, standby: "elsewhere" },
];

class FailingStore extends MemoryStore {
  isDown = () => false;

  override read(): ReturnType<SecretStore["read"]> {
    return this.isDown() ? Promise.reject(storeDown()) : super.read();
  }

  override write(...given: Parameters<SecretStore["write"]>): ReturnType<SecretStore["write"]> {
    return this.isDown() ? Promise.reject(storeDown()) : super.write(...given);
  }
}

function storeDown(): StoreError {
  return new StoreError("memory does not answer", { effect: "none", retry: "later" });
}

export class SiteKey {
  readonly name: string;
  readonly policy: RotationPolicy;
  readonly store: FailingStore;
  readonly standbyStore: FailingStore | null;
  readonly consumers: readonly MemoryConsumer[];
  readonly checks: readonly MemoryCheck[];
  /** Of this key's part of the account alone. */
  readonly account: Account;
  /** The last ones about this key. */
  readonly alerts: Alert[] = [];
  /** When something happened to it last that people or the rotator must deal with. */
  lastTroubleAt = 0;
  invariants: Invariants;
  readonly #kind: Kind;
  readonly #site: Account;
  readonly #intentKind: (id: string) => IntentKind | undefined;

  constructor(index: number, site: Account, intentKind: (id: string) => IntentKind | undefined) {
    this.#kind = KINDS[index % KINDS.length] ?? {};
    const { policy, standby, check, used } = this.#kind;
    this.name = `key-${index}`;
    this.#site = site;
    this.#intentKind = intentKind;
    this.policy = { ...POLICY, ...policy };
    this.account = { ...site, keys: new Map(), owners: new Map() };
    const active = unknownOrigin(new Secret(this.newKey({ expiresAt: this.#firstExpiry(index) }).current));
    const reserve = standby ? unknownOrigin(new Secret(this.newKey().current)) : null;
    this.store = new FailingStore({ active, standby: standby === "same-store" ? reserve : null });
    this.standbyStore = standby === "elsewhere" ? new FailingStore({ standby: reserve }) : null;
    this.consumers = used ? [new MemoryConsumer(`${this.name}-app`, ["one", "two"])] : [];
    this.checks = check ? [new MemoryCheck("errors", check)] : [];
    this.invariants = this.#watch();
  }

  /** Another key of Paddle's for this one's place. */
  newKey(options: KeyOptions = {}): Key {
    const key = createKey(this.#site, { permissions: READS_ALL, ...this.#kind.key, ...options });
    this.account.keys.set(key.id, key);
    this.account.owners.set(key.current, key);
    return key;
  }

  minted(keyId: string, secret: string): void {
    const key = this.account.keys.get(keyId);
    if (key) this.account.owners.set(secret, key);
    this.invariants.minted(secret);
  }

  told(alert: Alert): void {
    this.alerts.push(alert);
    if (this.alerts.length > ALERTS_KEPT) this.alerts.shift();
  }

  get hasStandby(): boolean {
    return this.#kind.standby !== undefined;
  }

  get slots(): Slots {
    return this.store.slots;
  }

  get activeKeyId(): string | null {
    return activeKeyId(this.slots);
  }

  get activeKey(): Key | null {
    return this.account.keys.get(this.activeKeyId ?? "") ?? null;
  }

  get lives(): boolean {
    const { active } = this.slots;
    return active !== null && isAlive(this.account, active.secret.reveal());
  }

  /** Nothing is under way: the invariants may be looked at with fresh eyes, which have forgotten what is long over. */
  renewWatch(minted: Iterable<string>): readonly string[] {
    const { broken } = this.invariants;
    this.invariants = this.#watch();
    for (const secret of minted) this.invariants.minted(secret);
    // What was activated before is no news.
    this.invariants.check("a new watch");
    this.invariants.broken.splice(0);
    return broken;
  }

  #watch(): Invariants {
    return new Invariants({
      account: this.account,
      clock: { now: this.account.clock.now.bind(this.account.clock), sleep: () => Promise.resolve() },
      places: () => this.#places(),
      alerts: this.alerts,
      intentKind: this.#intentKind,
    });
  }

  /** As test/support/engine/engine.ts: what took the active one's place is only left to be cleared away. */
  #places(): readonly Slots[] {
    const main = this.slots;
    const elsewhere = this.standbyStore?.slots;
    const { standby } = elsewhere ?? {};
    if (!elsewhere || !standby || keyIdOf(standby) === activeKeyId(main)) return [main];
    return [main, { ...elsewhere, active: standby, standby: null }];
  }

  #firstExpiry(index: number): number | null {
    if (this.#kind.key?.expiresAt === null) return null;
    return this.#site.clock.now() + (8 + (index % 60)) * DAY_MS;
  }
}
