/**
 * Bodies of webhooks as Paddle sends them (Paddle: Webhooks, API keys), for `simulate`. What is made up says so in its
 * id, so that whoever meets it in an alert or a job knows it for a test.
 */
import { randomBytes } from "node:crypto";
import type { KEY_EVENTS, EXPOSURE_EVENTS, ROTATION_EVENTS } from "../../core/key-events.ts";
import type { ApiKey } from "../../core/paddle-key.ts";

export type SimulatedType = (typeof KEY_EVENTS | typeof EXPOSURE_EVENTS | typeof ROTATION_EVENTS)[number];

export type SimulatedEvent = { readonly id: string; readonly keyId: string; readonly body: string };

const DAY_MS = 86_400_000;

/**
 * @param key the real key that it is about; null: a made-up one that nobody manages
 * @param now epoch milliseconds
 */
export function simulatedEvent(type: SimulatedType, key: ApiKey | null, now: number): SimulatedEvent {
  const about = key ?? madeUpKey(now);
  const id = madeUpId("evt");
  const event = {
    data: dataOf(type, about, now),
    event_id: id,
    event_type: type,
    occurred_at: time(now),
    notification_id: madeUpId("ntf"),
  };
  return { id, keyId: about.id, body: JSON.stringify(event) };
}

function dataOf(type: SimulatedType, key: ApiKey, now: number): object {
  switch (type) {
    case "api_key.created":
    case "api_key.updated":
    case "api_key.expiring":
      return keyData(key, "active", now);
    case "api_key.expired":
      return keyData({ ...key, expiresAt: now }, "expired", now);
    case "api_key.revoked":
      return keyData(key, "revoked", now);
    case "api_key_exposure.created":
      return {
        id: madeUpId("apkexp"),
        api_key_id: key.id,
        risk_level: "high",
        action_taken: "none",
        source: "github",
        reference: "https://github.com/example/simulated/blob/0000000/.env",
        description: SIMULATED,
        created_at: time(now),
      };
    case "api_key_rotation.created":
      return rotationData(key, "pending", now);
    case "api_key_rotation.updated":
      return rotationData(key, "completed", now);
    default:
      return type satisfies never;
  }
}

const SIMULATED = "Simulated by `npm run rotator -- simulate`";

function keyData(key: ApiKey, status: "active" | "expired" | "revoked", now: number): object {
  return {
    id: key.id,
    name: key.name,
    description: SIMULATED,
    key: `pdl_sdbx_${key.id.slice(0, 17)}****`,
    status,
    permissions: key.permissions,
    exposed_at: key.exposedAt === null ? null : time(key.exposedAt),
    expires_at: key.expiresAt === null ? null : time(key.expiresAt),
    rotatable: key.rotatable,
    last_used_at: key.lastUsedAt === null ? null : time(key.lastUsedAt),
    created_at: time(now - 80 * DAY_MS),
    updated_at: time(now),
  };
}

function rotationData(key: ApiKey, status: "pending" | "completed", now: number): object {
  return {
    id: madeUpId("apkrot"),
    api_key_id: key.id,
    grace_period_seconds: 3_600,
    status,
    expires_at: status === "pending" ? null : time(now + 3_600_000),
    created_at: time(now),
    updated_at: time(now),
  };
}

function madeUpKey(now: number): ApiKey {
  return {
    id: madeUpId("apikey"),
    name: "Simulated key",
    status: "active",
    rotatable: true,
    expiresAt: now + 5 * DAY_MS,
    exposedAt: null,
    permissions: ["transaction.read"],
    lastUsedAt: now - DAY_MS,
  };
}

/** In Paddle's form, `<prefix>_` and 26 of a-z and 0-9, and nobody else's. */
function madeUpId(prefix: string): string {
  return `${prefix}_simulated${randomBytes(9).toString("hex").slice(0, 17)}`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}
