/**
 * Webhook bodies for tests that need one without a whole simulated account. The defaults are the examples of
 * Paddle's webhook pages; give only the fields that matter to the test.
 */
import { randomBytes } from "node:crypto";
import type { ApiKeyEntity, ExposureEntity, RotationEntity } from "./entities.ts";
import { shortTime } from "./times.ts";

export const EVENT_TYPES = [
  "api_key.created",
  "api_key.updated",
  "api_key.expiring",
  "api_key.expired",
  "api_key.revoked",
  "api_key_exposure.created",
  "api_key_rotation.created",
  "api_key_rotation.updated",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export type EventOptions = {
  /** Left out: a new one at every call. */
  readonly eventId?: string;
  /** Left out: a new one at every call. */
  readonly notificationId?: string;
  /** Epoch milliseconds; left out: now. */
  readonly occurredAt?: number;
};

/** The text of a webhook's body. Real ones start with `data`, and so do these. */
export function eventBody(type: string, data: object, options: EventOptions = {}): string {
  return JSON.stringify({
    data,
    event_id: options.eventId ?? randomId("evt"),
    event_type: type,
    occurred_at: shortTime(options.occurredAt ?? Date.now()),
    notification_id: options.notificationId ?? randomId("ntf"),
  });
}

/** `data` of every `api_key.*` event. */
export function keyData(fields: Partial<ApiKeyEntity> = {}): ApiKeyEntity {
  return {
    id: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
    name: "Billing worker",
    description: "Nightly sync",
    key: "pdl_live_apikey_01kaa1b2c3****",
    status: "active",
    permissions: ["transaction.read"],
    exposed_at: null,
    expires_at: "2026-12-01T00:00:00Z",
    rotatable: true,
    last_used_at: "2026-11-23T23:02:11.000000Z",
    created_at: "2026-09-02T00:00:00Z",
    updated_at: "2026-09-02T00:00:00Z",
    ...fields,
  };
}

/** `data` of every `api_key_rotation.*` event: it never carries the new secret. */
export function rotationData(fields: Partial<RotationEntity> = {}): RotationEntity {
  return {
    id: "apkrot_01kab0c1d2e3f4g5h6j7k8m9np",
    api_key_id: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
    grace_period_seconds: 3600,
    status: "pending",
    expires_at: null,
    created_at: "2026-11-21T01:00:00Z",
    updated_at: "2026-11-21T01:00:00Z",
    ...fields,
  };
}

/** `data` of `api_key_exposure.created`. */
export function exposureData(fields: Partial<ExposureEntity> = {}): ExposureEntity {
  return {
    id: "apkexp_01kac0000000000000000000c6",
    api_key_id: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
    risk_level: "high",
    action_taken: "revoked",
    source: "github",
    reference: "https://github.com/acme/app/blob/0a1b2c3/.env",
    description: "Exposed in Commit 0a1b2c3",
    created_at: "2026-11-21T02:00:00Z",
    ...fields,
  };
}

/** An id that nothing else has: `<prefix>_` and 26 characters of Paddle's id alphabet. */
export function randomId(prefix: string): string {
  return `${prefix}_${[...randomBytes(26)].map((byte) => (byte % 32).toString(32)).join("")}`;
}
