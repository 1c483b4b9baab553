/** The body of `POST /api-keys/{id}/rotations`. Unknown fields are ignored. */
import { z } from "zod";
import type { Terms } from "../account/rotate.ts";
import type { Switches } from "../switches.ts";
import { ApiError, type FieldFault, invalidFields } from "./api-error.ts";

const MAX_GRACE_SECONDS = 86_400;
const Body = z.record(z.string(), z.unknown());
const Rfc3339 = z.iso.datetime({ offset: true });

export function readTerms(body: string, switches: Switches, now: number): Terms {
  const fields = parseBody(body);
  const grace = fields["grace_period_seconds"];
  const newExpiry = fields["new_key_expires_at"];
  const faults = [...graceFaults(grace), ...expiryFaults(newExpiry, switches, now)];
  if (faults.length > 0) throw invalidFields(...faults);
  return { graceSeconds: Number(grace), newKeyExpiresAt: readExpiry(newExpiry) };
}

function parseBody(body: string): z.output<typeof Body> {
  try {
    return Body.parse(JSON.parse(body));
  } catch {
    throw new ApiError("bad_request");
  }
}

function readExpiry(value: unknown): number | null | undefined {
  if (typeof value === "string") return Date.parse(value);
  return value === null ? null : undefined;
}

function graceFaults(value: unknown): FieldFault[] {
  const field = "grace_period_seconds";
  if (value === undefined) return [{ field, message: "is required" }];
  if (!Number.isInteger(value)) return [{ field, message: "must be an integer" }];
  const isInRange = Number(value) >= 0 && Number(value) <= MAX_GRACE_SECONDS;
  return isInRange ? [] : [{ field, message: `must be between 0 and ${MAX_GRACE_SECONDS}` }];
}

function expiryFaults(value: unknown, switches: Switches, now: number): FieldFault[] {
  const field = "new_key_expires_at";
  const fault = (message: string) => [{ field, message }];
  if (value === undefined) return [];
  if (switches.newExpiry === "refuse") return fault("is not supported");
  if (value === null) return switches.newExpiryNull === "clear" ? [] : fault("must not be null");
  const time = Rfc3339.safeParse(value);
  if (!time.success) return fault("must be an RFC 3339 datetime string");
  const fromNowMs = Date.parse(time.data) - now;
  if (fromNowMs <= 0 && switches.newExpiryInPast === "refuse") return fault("must be in the future");
  const { newExpiryMaxMs } = switches;
  return newExpiryMaxMs !== null && fromNowMs > newExpiryMaxMs ? fault("is too far in the future") : [];
}
