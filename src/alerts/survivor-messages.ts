/** The words of alerts about what should be dead and lives: told again while it does, and called off when it is dead. */
import type { Alert } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { IssuedSecret } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import { alert, bringAnotherKey, DASHBOARD, of, type Subject, time } from "./words.ts";

export type Survivor = {
  readonly key: ManagedKey;
  readonly work: Work;
  /** null: it is in none of our slots. */
  readonly secret: IssuedSecret | null;
  /** The key that the secret belongs to. */
  readonly keyId: string;
  /** It stays in the store and is asked until Paddle refuses it. */
  readonly isWatched: boolean;
  /** When it should die, epoch milliseconds; null: not known. */
  readonly endsAt: number | null;
};

/** A secret that should be dead is not. */
export function exposedSecretLives(survivor: Survivor, now: number): Alert {
  const { key, work, secret, keyId } = survivor;
  const which = secret ? `secret ${secret.secret.fingerprint()}` : "secret that we did not issue";
  const cause = secret ? printOf(secret) : `strange-${work.intent.id}`;
  const revoke = `revoke ${keyId} in ${DASHBOARD}`;
  return alert("exposed-secret-lives", "critical", { name: key.name, keyId }, cause, now, {
    happened: `${key.name} was rotated without a grace, and yet Paddle still accepts a ${which}.`,
    action: secret
      ? `Now: if whoever has it can do harm, ${revoke}, then ${bringAnotherKey(key)}. Else ${howItEnds(survivor)}`
      : `Now: ${revoke} unless one of you rotated it, then ${bringAnotherKey(key)}.`,
  });
}

function howItEnds({ isWatched, endsAt }: Survivor): string {
  const end = endsAt === null ? "" : `it should die at ${time(endsAt)}, and `;
  return isWatched
    ? `wait: ${end}it is asked again until Paddle refuses it. You are told then.`
    : `look after it yourself: ${end}nobody asks it again, because the store has no place left for it.`;
}

export function exposedSecretDead(key: ManagedKey, keyId: string, dead: IssuedSecret, now: number): Alert {
  return alert("exposed-secret-dead", "info", { name: key.name, keyId }, printOf(dead), now, {
    happened: `Paddle refuses the secret ${dead.secret.fingerprint()} of ${key.name} at last: it is dead.`,
    action: null,
  });
}

/** What tells an `exposed-secret-lives` of one of our own secrets from others; the secret is in it once. */
export function exposedSecretIncident(keyId: string, secret: IssuedSecret): string {
  return `exposed-secret-lives-${keyId}-${printOf(secret)}`;
}

export type Sight =
  /** It is looked at; Paddle says that it lives. */
  | "seen"
  /** No key here may read it: only a webhook can say that it is dead. */
  | "blind"
  /** The store has no place left for it: nobody looks after it. */
  | "dropped";

/** A key that another one replaced is still alive, as far as is known, and only a person can end it. */
export function formerMustBeRevoked(key: ManagedKey, work: Work, sight: Sight, now: number): Alert {
  const isExposed = work.intent.kind === "exposed";
  const severity = isExposed ? "critical" : "warning";
  const cause = isExposed ? "exposed" : "replaced";
  const known = sight === "seen" ? "is still alive" : "is not known to be dead";
  return alert("former-key-lives", severity, of(key, work), cause, now, {
    happened: `${work.keyId}, the former key of ${key.name}, ${known}. ${key.name} uses another key.`,
    action: `Revoke ${work.keyId} in ${DASHBOARD}.${CHECK[sight](key)}`,
  });
}

const UNREAD = " Check first that no application uses it: no key here may read when it was used last.";

const CHECK: Record<Sight, (key: ManagedKey) => string> = {
  seen: () => "",
  blind: ({ store }) =>
    `${UNREAD} If it is revoked already, that was never heard of here: empty the slot \`old\` in ${store.location}.`,
  dropped: () => `${UNREAD} It is in no store any more, so you are not reminded.`,
};

export type FormerKeyCause = "replaced" | "exposed";

/** `cause`: of the incident that it ends; each has an end of its own, as a message is told once. */
export function formerKeyEnded(
  name: string | null,
  keyId: string,
  cause: FormerKeyCause,
  now: number,
): Alert {
  const subject: Subject = { name, keyId };
  return alert("former-key-ended", "info", subject, cause, now, {
    happened: `${keyId}, the former key of ${name ?? "a key"}, is dead.`,
    action: null,
  });
}

/** What the life of a former key can be an incident for: it can leak when people were asked to end it already. */
export const FORMER_KEY_CAUSES: readonly FormerKeyCause[] = ["replaced", "exposed"];

export function formerKeyIncident(keyId: string, cause: FormerKeyCause): string {
  return `former-key-lives-${keyId}-${cause}`;
}

function printOf({ secret }: IssuedSecret): string {
  return secret.fingerprint().slice("sha256:".length);
}
