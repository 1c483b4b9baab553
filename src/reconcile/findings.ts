/** What a sweep makes of one key: its slots, its policy and Paddle's answer, compared. Pure. */
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey, KeyRotation } from "../core/paddle-key.ts";
import type { KeyAnswer } from "../core/ports.ts";
import { refusedWork, resumeWork } from "../core/resume-work.ts";
import type { IssuedSecret, Slots } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import { dueAt } from "../core/due.ts";

export type KeySituation = {
  readonly now: number;
  readonly key: ManagedKey;
  readonly keyId: string;
  readonly slots: Slots;
  readonly active: IssuedSecret;
  /** When the rotator saw the active secret first; its age counts from here where nobody knows its issue. */
  readonly firstSeenAt: number;
  /** Paddle's answer to the active secret; null: it was not asked this time. */
  readonly answer: KeyAnswer | null;
  /** A job that is not finished looks after what is in flight. */
  readonly isDriven: boolean;
  /** Paddle's newest completed rotation; null: there is none, or it was not looked at this time. */
  readonly newestCompleted: KeyRotation | null;
  readonly ourIds: ReadonlySet<string>;
};

export type Finding =
  /** Nothing looks after a staged, an old or a rolled-back secret. */
  | { readonly find: "unfinished" }
  /** Paddle refuses the active secret. */
  | { readonly find: "refused" }
  | { readonly find: "exposed"; readonly exposedAt: number }
  /** It is not known whether the active secret is younger than the exposure. */
  | { readonly find: "maybe-exposed"; readonly exposedAt: number }
  | { readonly find: "due"; readonly because: "age" }
  | { readonly find: "due"; readonly because: "expiry"; readonly expiresAt: number }
  /** The store was put back to before this rotation of ours. */
  | { readonly find: "restored"; readonly rotation: KeyRotation }
  /** A rotation after ours that nobody of us made. */
  | { readonly find: "foreign"; readonly rotation: KeyRotation };

export function findingsOf(situation: KeySituation): readonly Finding[] {
  const { slots, answer, isDriven } = situation;
  // With a staged secret, its job may be at work between the end of the one and the promotion of the other.
  if (answer?.accepted === false) return isDriven && slots.pending ? [] : [{ find: "refused" }];
  const found: Finding[] = [];
  const isInFlight = slots.pending !== null || slots.old !== null || slots.rolledBack;
  if (isInFlight && !isDriven) found.push({ find: "unfinished" });
  const exposedAt = answer?.accepted ? answer.key.exposedAt : null;
  if (exposedAt !== null) found.push(...exposureFinding(situation, exposedAt));
  return [...found, ...dueFinding(situation), ...rotationFinding(situation)];
}

/** When the policy rotates the key next; null: never. A rotation that is in flight will set both dates anew. */
export function planned(
  situation: Pick<KeySituation, "key" | "keyId" | "active" | "firstSeenAt" | "now">,
  paddleKey: ApiKey | null,
) {
  const { key, keyId, active, firstSeenAt, now } = situation;
  return dueAt({
    policy: key.policy,
    issuedAt: active.issuedAt,
    firstSeenAt,
    expiresAt: paddleKey?.expiresAt ?? null,
    keyId,
    notBefore: now,
  });
}

function dueFinding(situation: KeySituation): Finding[] {
  const { slots, answer, now } = situation;
  if (slots.pending || slots.rolledBack) return [];
  const key = answer?.accepted ? answer.key : null;
  const due = planned(situation, key);
  if (!due || due.at > now) return [];
  if (due.because === "expiry" && key && key.expiresAt !== null)
    return [{ find: "due", because: "expiry", expiresAt: key.expiresAt }];
  return [{ find: "due", because: "age" }];
}

/** A secret that a person put there may be younger than an exposure from before we saw it: killing it is a person's call. */
function exposureFinding({ active, firstSeenAt }: KeySituation, exposedAt: number): Finding[] {
  if (active.issuedAt !== null && active.issuedAt >= exposedAt) return [];
  const isKnown = active.issuedAt !== null || firstSeenAt < exposedAt;
  return [{ find: isKnown ? "exposed" : "maybe-exposed", exposedAt }];
}

function rotationFinding({
  slots,
  newestCompleted: newest,
  ourIds,
  active,
  firstSeenAt,
}: KeySituation): Finding[] {
  if (!newest || slots.rolledBack) return [];
  if (newest.id === active.rotationId || newest.id === slots.pending?.rotationId) return [];
  // Of what a platform made, the store has its date and no rotation: ours came before it was put there.
  const isOutrun =
    active.issuedAt !== null && newest.createdAt !== null && newest.createdAt < active.issuedAt;
  if (active.rotationId === null && isOutrun) return [];
  if (ourIds.has(newest.id)) return [{ find: "restored", rotation: newest }];
  // Of a secret that a person put there, nobody knows which rotation it comes from: only a later one is news.
  const isLater = active.rotationId !== null || (newest.createdAt !== null && newest.createdAt > firstSeenAt);
  return isLater ? [{ find: "foreign", rotation: newest }] : [];
}

/** The work that a finding calls for; the same finding has the same id, so several instances make one job of it. */
export function workFor(finding: Finding, { key, keyId, slots, active, now }: KeySituation): Work | null {
  const base = { keyName: key.name, keyId, eventId: null };
  switch (finding.find) {
    case "unfinished":
      return resumeWork({ keyName: key.name, keyId, slots }, now);
    case "refused":
      return refusedWork({ keyName: key.name, keyId, slots }, now);
    case "exposed": {
      const id = `exposed-${keyId}-${finding.exposedAt}`;
      return {
        ...base,
        job: "revoke-first",
        intent: { id, kind: "exposed", requestedAt: finding.exposedAt },
      };
    }
    case "due": {
      if (finding.because === "expiry") {
        const id = `expiring-${keyId}-${finding.expiresAt}`;
        const intent = { id, kind: "expiring", requestedAt: now } as const;
        return { ...base, job: "rotate", intent, keyExpiresAt: finding.expiresAt };
      }
      const id = `scheduled-${keyId}-${active.issuedAt ?? active.secret.fingerprint().slice("sha256:".length)}`;
      return { ...base, job: "rotate", intent: { id, kind: "scheduled", requestedAt: now } };
    }
    case "foreign": {
      const rotationId = finding.rotation.id;
      const intent = { id: `found-${rotationId}`, kind: "foreign-rotation", requestedAt: now } as const;
      return { ...base, job: "inspect", intent, inspected: { what: "rotation", rotationId } };
    }
    case "maybe-exposed":
    case "restored":
      return null;
    default:
      return finding satisfies never;
  }
}
