/** What is kept of every rotation, replacement, rollback and exposure. Times are ISO 8601; null: not known. */
import { z } from "zod";

const isoTime = z.string();

export const AuditRecord = z.object({
  /** The intent's. */
  id: z.string(),
  kind: z.enum(["rotation", "replacement", "rollback", "exposure"]),
  keyName: z.string().nullable(),
  keyId: z.string(),
  intent: z.string(),
  /** The webhook's event; null: a person or the rotator itself asked. */
  eventId: z.string().nullable(),
  requestedAt: isoTime,
  receivedAt: isoTime,
  endedAt: isoTime,
  outcome: z.enum(["done", "needs-person"]),
  result: z.string(),
  summary: z.string(),
  /** In the order of time. */
  steps: z.array(
    z.object({ fact: z.string(), at: isoTime, says: z.string(), fingerprint: z.string().optional() }),
  ),
  /** Every secret that this was about. `endedAt`: when it was seen to be dead. */
  secrets: z.array(
    z.object({
      fingerprint: z.string(),
      issuedAt: isoTime.nullable(),
      endedAt: isoTime.nullable(),
      livedSeconds: z.number().nullable(),
    }),
  ),
  exposureClock: z
    .object({
      occurredAt: isoTime,
      receivedAt: isoTime,
      secretDeadAt: isoTime.nullable(),
      storeUpdatedAt: isoTime.nullable(),
      consumersSafeAt: isoTime.nullable(),
    })
    .optional(),
});
export type AuditRecord = Readonly<z.output<typeof AuditRecord>>;

export type SecretLife = AuditRecord["secrets"][number];
