/** What the pages show in their tests: managed keys in every state, with what stores, Paddle and people left behind. */
import { openAlertLog } from "../../../src/alerts/alert-log.ts";
import type { Alert } from "../../../src/core/alert.ts";
import type { Consumer } from "../../../src/core/consumer.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import type { ManagedKey, RotationPolicy } from "../../../src/core/managed-key.ts";
import type { Facts, Json, Records } from "../../../src/core/ports.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import { EMPTY_SLOTS, type IssuedSecret, type Slots } from "../../../src/core/slots.ts";
import { compile } from "../../../src/overview/compile.ts";
import type { KeyLook } from "../../../src/overview/key-look.ts";
import type { KeyOverview } from "../../../src/overview/overview.ts";
import type { AuditRecord } from "../../../src/rotation/audit-record.ts";
import type { SeenKey } from "../../../src/rotation/seen-keys.ts";
import type { SwitchOverProgress } from "../../../src/rotation/switch-over-progress.ts";
import { MemoryStore } from "../memory-store.ts";
import { keyWith, NOW, secretOf } from "./keys.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A store that can be written, with a place of its own. */
export class NamedStore extends MemoryStore {
  override readonly location: string;

  constructor(name: string, slots: Partial<Slots>) {
    super(slots);
    this.location = `./secrets/${name}.env (ACTIVE_PADDLE_KEY)`;
  }
}

export type StoryKey = ManagedKey & { readonly store: NamedStore; readonly keyId: string };

/** Every name has a key id of its own, made of it. */
export function keyIdOf(name: string): string {
  const tail = Buffer.from(name).toString("hex").slice(0, 24).padEnd(24, "0");
  return `apikey_01${tail}`;
}

/** A secret of the key of this name. */
export function secretFor(name: string, mark: string, issuedAt: number | null): IssuedSecret {
  const secret = secretOf(mark, keyIdOf(name));
  return { secret, rotationId: `apkrot_01${mark.toLowerCase()}`, issuedAt, intentId: `evt_${mark}` };
}

export function storyKey(
  name: string,
  slots: Partial<Slots>,
  rest: Partial<Omit<ManagedKey, "policy">> & { readonly policy?: Partial<RotationPolicy> } = {},
): StoryKey {
  const store = new NamedStore(name, { ...EMPTY_SLOTS, ...slots });
  const base = keyWith(store, name);
  const policy = { ...base.policy, everyMs: 60 * DAY, lifetimeMs: 90 * DAY, ...rest.policy };
  return { ...base, ...rest, policy, store, keyId: keyIdOf(name) };
}

export function consumer(name: string): Consumer {
  return {
    name,
    refreshMs: 5 * MINUTE,
    timeoutMs: 10 * MINUTE,
    needs: [],
    notify: async () => "told",
    observe: async () => ({ state: "unprovable", instances: [], says: "It is not asked in tests." }),
  };
}

/** As Paddle would be remembered: active, rotatable, never exposed. */
export async function paddleSaid(records: Records, keyId: string, rest: Partial<SeenKey>): Promise<void> {
  await records.append(`seen-key-${keyId}`, {
    at: NOW - 10 * MINUTE,
    status: "active",
    rotatable: true,
    expiresAt: null,
    exposedAt: null,
    ...rest,
  });
}

export async function consumersAre(
  records: Records,
  name: string,
  progress: Pick<SwitchOverProgress, "fingerprint" | "startedAt" | "consumers">,
): Promise<void> {
  await records.append(`switch-over-progress-${name}`, through({ ...progress, changedAt: NOW - MINUTE }));
}

export async function peopleWereTold(records: Records, alert: Alert): Promise<void> {
  await openAlertLog(records).keep(alert);
}

export async function onRecord(records: Records, record: AuditRecord): Promise<void> {
  await records.append("audit", through(record));
}

function through(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

export function openIncident(keyName: string, rest: Partial<Alert> & Pick<Alert, "kind">): Alert {
  return {
    id: `${rest.kind}-${keyName}`,
    severity: "critical",
    keyName,
    keyId: keyIdOf(keyName),
    happened: "Something happened.",
    action: "Do something.",
    raisedAt: NOW - 12 * MINUTE,
    incident: { id: `${rest.kind}-${keyName}`, state: "open" },
    ...rest,
  };
}

export function jobAbout(
  key: StoryKey,
  rest: Partial<Omit<JobView, "work">> & {
    id?: string;
    job?: "rotate" | "revoke-first" | "replace";
    why?: IntentKind;
  } = {},
): JobView {
  const { id = "manual-0001", job = "rotate", why = "manual", ...view } = rest;
  return {
    work: {
      job,
      keyName: key.name,
      keyId: key.keyId,
      intent: { id, kind: why, requestedAt: NOW - 47 * MINUTE },
      eventId: why === "manual" ? null : id,
    },
    queue: job === "rotate" ? "rotations" : "emergencies",
    state: "running",
    nextAt: null,
    percent: 40,
    attempts: 0,
    failure: null,
    facts: {},
    ...view,
  };
}

/** @param minutesAgo of the first of them; each of the others three seconds later */
export function factsOf(minutesAgo: number, says: readonly (readonly [fact: string, says: string])[]): Facts {
  const begin = NOW - minutesAgo * MINUTE;
  return Object.fromEntries(
    says.map(([fact, text], index) => [
      fact,
      { at: new Date(begin + index * 3_000).toISOString(), says: text },
    ]),
  );
}

/** What the overview says of a key of which nothing but its store is known. */
export function overviewOf(key: StoryKey): KeyOverview {
  const { slots } = key.store;
  const standby = { secret: null, fault: null };
  const look: KeyLook = { slots, paddle: null, firstSeenAt: undefined, progress: null, standby, at: NOW };
  const [overview] = compile({ now: NOW, keys: [{ key, look }], jobs: [], alerts: [], records: [] }).keys;
  if (!overview) throw new Error("a key that was compiled is there");
  return overview;
}
