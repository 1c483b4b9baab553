/**
 * Paddle's entities as they come over the wire, turned into our words. Tolerant: unknown fields are dropped,
 * unknown values become `unknown`, and only what decisions need is required, because Paddle may add fields and
 * values at any time (Paddle: Versioning). Field names: Paddle's API reference, API keys, API key rotations,
 * events and notification settings.
 */
import { z } from "zod";
import type { ApiKey, Destination, KeyRotation, PastEvent } from "../core/paddle-key.ts";
import { Secret } from "../core/secret.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(\.\d{1,9})?(z|[+-]\d\d:\d\d)$/i;

/** RFC 3339 with any fraction of a second, as epoch milliseconds (rounded down). */
const time = z.string().transform((text, context) => {
  try {
    if (RFC_3339.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    // Falls through: a day or an hour that does not exist.
  }
  context.addIssue({ code: "custom", message: "not a time" });
  return z.NEVER;
});
const timeOrNull = time.nullish().transform((at) => at ?? null);

export const ApiKeyEntity = z
  .object({
    id: z.string().min(1),
    name: z.string().catch(""),
    status: z.enum(["active", "expired", "revoked", "unknown"]).catch("unknown"),
    rotatable: z.boolean().nullish(),
    expires_at: timeOrNull,
    exposed_at: timeOrNull,
    permissions: z.array(z.string()).nullish(),
    // Nothing is decided by it alone, so an odd one is no reason to drop the key.
    last_used_at: timeOrNull.catch(null),
  })
  .transform((key): ApiKey => ({
    id: key.id,
    name: key.name,
    status: key.status,
    rotatable: key.rotatable ?? false,
    expiresAt: key.expires_at,
    exposedAt: key.exposed_at,
    permissions: key.permissions ?? null,
    lastUsedAt: key.last_used_at,
  }));

const rotationFields = {
  id: z.string().min(1),
  api_key_id: z.string().min(1),
  grace_period_seconds: z.number().int().nonnegative().nullable().catch(null),
  status: z.enum(["pending", "completed", "canceled", "unknown"]).catch("unknown"),
  expires_at: timeOrNull,
  created_at: timeOrNull.catch(null),
};
type RotationFields = z.output<z.ZodObject<typeof rotationFields>>;

const toRotation = (fields: RotationFields): KeyRotation => ({
  id: fields.id,
  keyId: fields.api_key_id,
  status: fields.status,
  graceSeconds: fields.grace_period_seconds,
  expiresAt: fields.expires_at,
  createdAt: fields.created_at,
});

/** Drops `new_key`: a secret that we did not stage is none of our business. */
export const RotationEntity = z.object(rotationFields).transform(toRotation);

// What POST and, by its schema, GET of a rotation answer with. `key` fields show `****` instead of the end of a
// secret; a secret that is masked like that is no secret. Paddle: API key rotations, Create an API key rotation.
const newKey = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/)
  .refine((text) => !text.includes("****"))
  .transform((text) => new Secret(text));

export const IssuedRotationEntity = z
  .object({ ...rotationFields, new_key: newKey })
  .transform(({ new_key, ...fields }) => ({ rotation: toRotation(fields), newSecret: new_key }));

/** Kept as it came: what it means is the business of whoever reads webhooks. */
export const PastEventEntity = z
  .looseObject({ event_id: z.string().min(1) })
  .transform((body): PastEvent => ({ id: body.event_id, body }));

const subscribedEvent = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);

/**
 * Drops `endpoint_secret_key`, with which anybody could forge webhooks. `webhooks` is null for a destination that
 * is an e-mail address (Paddle: Notification settings, List notification settings).
 */
export const DestinationEntity = z
  .object({
    id: z.string().min(1),
    type: z.string().catch("url"),
    destination: z.string().min(1),
    active: z.boolean(),
    subscribed_events: z.array(subscribedEvent),
  })
  .transform(
    ({ id, type, destination: url, active, subscribed_events: subscribedEvents }): DestinationItem => ({
      id,
      webhooks: type === "email" ? null : { id, url, active, subscribedEvents },
    }),
  );
type DestinationItem = { readonly id: string; readonly webhooks: Destination | null };
