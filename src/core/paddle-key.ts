/** What can be read off the text of a Paddle API key. Format: paddle-contract §6. */
import type { Secret } from "./secret.ts";

export type Environment = "live" | "sandbox";

// pdl_<environment>_apikey_<26 characters of the key id>_<22 random>_<3 checksum>.
// AWS also lists the prefix pdl_test_; no Paddle page has it, so it is not taken for a key.
const KEY_FORMAT = /^pdl_(live|sdbx)_apikey_([a-z\d]{26})_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}$/;

export type KeyIdentity = { readonly keyId: string; readonly environment: Environment };

/**
 * The id and environment that a secret carries in its text, or null for a legacy key
 * (made before 6 May 2025: 50 random characters) and for anything else.
 */
export function identify(secret: Secret): KeyIdentity | null {
  const match = KEY_FORMAT.exec(secret.reveal());
  if (!match) return null;
  return {
    keyId: `apikey_${match[2]}`,
    environment: match[1] === "live" ? "live" : "sandbox",
  };
}

/** The part of Paddle's `api_key` entity that decisions are made from. Times are epoch milliseconds. */
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly status: "active" | "expired" | "revoked" | "unknown";
  readonly rotatable: boolean;
  /** null: never expires. */
  readonly expiresAt: number | null;
  /** First time the key was seen in public; null: never. */
  readonly exposedAt: number | null;
  /** null: a legacy key without permissions. */
  readonly permissions: readonly string[] | null;
  /** Accurate to an hour; null: never used, or not said. */
  readonly lastUsedAt: number | null;
};

/** Paddle's rotation entity without its secret. Times are epoch milliseconds. */
export type KeyRotation = {
  readonly id: string;
  readonly keyId: string;
  readonly status: "pending" | "completed" | "canceled" | "unknown";
  readonly graceSeconds: number | null;
  /** When the old secret dies; null while pending. */
  readonly expiresAt: number | null;
  /** null where Paddle does not say. */
  readonly createdAt: number | null;
};

/** An event as the list of past events has it: the same that a webhook carries, unparsed. */
export type PastEvent = { readonly id: string; readonly body: unknown };

/** A place where Paddle sends webhooks. */
export type Destination = {
  readonly id: string;
  readonly url: string;
  readonly active: boolean;
  readonly subscribedEvents: readonly string[];
};

/** `<entity>.write` includes `<entity>.read`, and a legacy key, which has no list, may do everything (Paddle: Permissions). */
export function isGranted(held: ApiKey["permissions"], permission: string): boolean {
  if (held === null || held.includes(permission)) return true;
  return permission.endsWith(".read") && held.includes(permission.replace(/\.read$/, ".write"));
}
