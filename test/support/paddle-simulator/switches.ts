/**
 * What Paddle's documentation leaves open, and what may go wrong without anybody's fault. Each is a switch, so
 * that a test can show that the rotator is right either way. The README lists them with their reasons.
 */

export type Switches = {
  // --- Rotations
  /** HTTP status of `POST …/rotations`. */
  readonly createStatus: 200 | 201;
  /** When `GET …/rotations/{id}` shows the new secret; otherwise it is masked. */
  readonly newKeyOnGet: "always" | "while-pending" | "never";
  /** Whether items of the rotation list carry `new_key` at all. */
  readonly newKeyInList: boolean;
  readonly rotationListOrder: "asc" | "desc";
  /** Whether a rotation carries `created_at` and `updated_at`. */
  readonly rotationTimes: boolean;
  /** Whether a rotation carries the `new_key_expires_at` it was made with. */
  readonly rotationEchoesNewExpiry: boolean;
  /** How a pending rotation says that it has no `expires_at` yet. */
  readonly pendingExpiresAt: "null" | "absent";
  /** Milliseconds until an unused rotation is canceled; null: never. */
  readonly pendingTtlMs: number | null;
  /** What becomes of secrets that are still in grace when the key is rotated again. */
  readonly oldSecrets: "stack" | "end-at-completion" | "end-at-post";
  /** How much longer than its grace an old secret is accepted, in milliseconds. */
  readonly oldSecretOutlivesMs: number;
  /** Whether a key may be rotated while a former secret of it is in its grace. */
  readonly rotationInGrace: "accept" | "refuse";
  /** Whether the secret of a canceled rotation still authenticates. It activates nothing. */
  readonly canceledSecret: "refused" | "accepted";
  /** What a key is told that rotates another one, or looks at its rotations. */
  readonly otherKeyRotation: "forbidden" | "not_found" | "bad_request";

  // --- new_key_expires_at
  readonly newExpiry: "accept" | "refuse";
  readonly newExpiryInPast: "refuse" | "accept";
  /** `refuse`: null is a fault of that field. `clear`: the key never expires from then on. */
  readonly newExpiryNull: "refuse" | "clear";
  /** The furthest expiry from now that is taken; null: no limit. */
  readonly newExpiryMaxMs: number | null;

  // --- The rest of the API
  /** Whether `GET /api-keys` lists expired and revoked keys. */
  readonly listDeadKeys: boolean;
  /** Whether `GET /notification-settings` lists destinations that are switched off where `active` is left out. */
  readonly inactiveDestinations: "listed" | "left-out";
  /** Whether destinations can be subscribed to `api_key_rotation.*`. */
  readonly rotationSubscriptions: boolean;
  /** How many active destinations an account may have; null: no limit. */
  readonly maxActiveDestinations: number | null;
  /** Shape of `caller.account` in `GET /`. */
  readonly callerAccount: "object" | "text";
  /** Whether `GET /ips` needs a key. */
  readonly ipsNeedKey: boolean;
  /** How items of `GET /events` say that they belong to no notification. */
  readonly eventNotificationId: "absent" | "null";
  /** Per source address; null: no limit. */
  readonly requestsPerMinute: number | null;

  // --- When events happen
  /** Whether a key made to live less than seven days is announced as expiring at once. */
  readonly noticeForShortLives: boolean;
  /** Whether a key that got a new expiry is announced as expiring again. */
  readonly noticeAfterNewExpiry: boolean;
  /** Whether reactivating a key emits `api_key.updated`. */
  readonly reactivationEvent: boolean;

  // --- Webhooks
  /** Whether 60 (sandbox: 3) counts the retries alone, or the first attempt too. */
  readonly webhookRetryCount: "without-first" | "with-first";
  readonly webhookSuccess: "200" | "2xx";
  /** How often a delivered webhook is delivered again. */
  readonly webhookDuplicates: number;
  /** Whether webhooks that are due together go out at once, or one after another with the newest first. */
  readonly webhookOrder: "at-once" | "newest-first";
  /** How late every first attempt is. */
  readonly webhookDelayMs: number;
  /** A second `h1` that does not match, before or after the one that does. */
  readonly webhookExtraSignature: "none" | "before" | "after";
  /** Real milliseconds that the receiver has for its answer. */
  readonly webhookAnswerWithinMs: number;
};

export const DEFAULT_SWITCHES: Switches = {
  createStatus: 201,
  newKeyOnGet: "always",
  newKeyInList: true,
  rotationListOrder: "asc",
  rotationTimes: true,
  rotationEchoesNewExpiry: false,
  pendingExpiresAt: "null",
  pendingTtlMs: null,
  oldSecrets: "stack",
  oldSecretOutlivesMs: 0,
  rotationInGrace: "accept",
  canceledSecret: "refused",
  otherKeyRotation: "forbidden",
  newExpiry: "accept",
  newExpiryInPast: "refuse",
  newExpiryNull: "refuse",
  newExpiryMaxMs: null,
  listDeadKeys: true,
  inactiveDestinations: "listed",
  rotationSubscriptions: true,
  maxActiveDestinations: null,
  callerAccount: "object",
  ipsNeedKey: false,
  eventNotificationId: "absent",
  requestsPerMinute: 240,
  noticeForShortLives: false,
  noticeAfterNewExpiry: true,
  reactivationEvent: true,
  webhookRetryCount: "without-first",
  webhookSuccess: "200",
  webhookDuplicates: 0,
  webhookOrder: "at-once",
  webhookDelayMs: 0,
  webhookExtraSignature: "none",
  webhookAnswerWithinMs: 5_000,
};
