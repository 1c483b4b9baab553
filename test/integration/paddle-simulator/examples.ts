/**
 * Paddle's published examples: the pages "List API keys", "Create an API key rotation", "Get API root" and
 * the webhook page of each event. What is random in them (ids, secrets, hosts) is left out by `shape`.
 */

export const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";

const KEY = {
  id: KEY_ID,
  name: "Billing worker",
  description: null,
  key: "pdl_live_apikey_01kaa1b2c3****",
  status: "active",
  permissions: ["api_key.read", "transaction.read"],
  exposed_at: null,
  expires_at: "2026-12-01T00:00:00Z",
  rotatable: true,
  last_used_at: "2026-11-20T22:14:05.120000Z",
  created_at: "2026-09-02T00:00:00.000000Z",
  updated_at: "2026-09-02T00:00:00.000000Z",
};

export const LIST = {
  data: [KEY],
  meta: {
    request_id: "2b6b7a1e-95b1-4d2f-8f0a-6f2d3a1b4c5d",
    pagination: {
      per_page: 50,
      next: `https://api.paddle.com/api-keys?after=${KEY_ID}`,
      has_more: false,
      estimated_total: 1,
    },
  },
};

export const ROTATION = {
  data: {
    id: "apkrot_01kab0c1d2e3f4g5h6j7k8m9np",
    api_key_id: KEY_ID,
    new_key: "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q",
    grace_period_seconds: 3600,
    status: "pending",
    expires_at: null,
    created_at: "2026-11-21T01:00:00.000000Z",
    updated_at: "2026-11-21T01:00:00.000000Z",
  },
  meta: { request_id: "d3a0c6de-3c54-4f0f-9f1a-51d2b7c3e4f6" },
};

export const ROOT = {
  data: {
    api: {
      name: "Paddle API",
      version: "1",
      environment: "production",
      documentation_url: "https://developer.paddle.com/api-reference",
    },
    caller: {
      auth_type: "api_key",
      account: { id: "acct-shape-unknown" },
      permissions: ["api_key.read", "transaction.read"],
    },
  },
  meta: { request_id: "2b6b7a1e-95b1-4d2f-8f0a-6f2d3a1b4c5d" },
};

const KEY_EVENT = {
  ...KEY,
  permissions: ["transaction.read"],
  last_used_at: null,
  created_at: "2026-09-02T00:00:00Z",
  updated_at: "2026-09-02T00:00:00Z",
};

const ROTATION_EVENT = {
  id: "apkrot_01kab0c1d2e3f4g5h6j7k8m9np",
  api_key_id: KEY_ID,
  grace_period_seconds: 3600,
  status: "pending",
  expires_at: null,
  created_at: "2026-11-21T01:00:00Z",
  updated_at: "2026-11-21T01:00:00Z",
};

type Happened = { readonly event_type: string; readonly occurred_at: string; readonly data: object };

/** A key that expires. */
export const EXPIRY: readonly Happened[] = [
  { event_type: "api_key.created", occurred_at: "2026-09-02T00:00:00Z", data: KEY_EVENT },
  {
    event_type: "api_key.expiring",
    occurred_at: "2026-11-24T00:00:00Z",
    data: { ...KEY_EVENT, last_used_at: "2026-11-23T23:02:11Z" },
  },
  {
    event_type: "api_key.expired",
    occurred_at: "2026-12-01T00:00:00Z",
    data: { ...KEY_EVENT, status: "expired", last_used_at: "2026-11-30T22:00:00Z" },
  },
];

/** A key that is rotated, with a new expiry, and then exposed. */
export const ROTATION_AND_EXPOSURE: readonly Happened[] = [
  { event_type: "api_key_rotation.created", occurred_at: "2026-11-21T01:00:00Z", data: ROTATION_EVENT },
  {
    event_type: "api_key_rotation.updated",
    occurred_at: "2026-11-21T01:00:09Z",
    data: {
      ...ROTATION_EVENT,
      status: "completed",
      expires_at: "2026-11-21T02:00:09Z",
      updated_at: "2026-11-21T01:00:09Z",
    },
  },
  {
    event_type: "api_key.updated",
    occurred_at: "2026-11-21T01:00:09Z",
    data: {
      ...KEY_EVENT,
      expires_at: "2027-02-19T00:00:00Z",
      last_used_at: "2026-11-21T01:00:00Z",
      updated_at: "2026-11-21T01:00:09Z",
    },
  },
  {
    event_type: "api_key_exposure.created",
    occurred_at: "2026-11-21T02:00:00Z",
    data: {
      id: "apkexp_01kac0000000000000000000c6",
      api_key_id: KEY_ID,
      risk_level: "high",
      action_taken: "revoked",
      source: "github",
      reference: "https://github.com/acme/app/blob/0a1b2c3/.env",
      description: "Exposed in Commit 0a1b2c3",
      created_at: "2026-11-21T02:00:00Z",
    },
  },
  {
    event_type: "api_key.revoked",
    occurred_at: "2026-11-21T02:00:00Z",
    data: {
      ...KEY_EVENT,
      status: "revoked",
      exposed_at: "2026-11-21T02:00:00Z",
      expires_at: "2027-02-19T00:00:00Z",
      last_used_at: "2026-11-21T01:00:00Z",
      updated_at: "2026-11-21T02:00:00Z",
    },
  },
];

/** What is left of an answer when ids, secrets, request ids and hosts are replaced by their formats. */
export function shape(json: unknown): unknown {
  const text = JSON.stringify(json)
    .replace(/pdl_live_apikey_[a-z\d]{26}_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}/g, "<secret>")
    .replace(/pdl_live_apikey_[a-z\d]{10}\*{4}/g, "<masked secret>")
    .replace(/\b(apikey|apkrot|apkexp)_[a-z\d]{26}/g, "<$1 id>")
    .replace(/"request_id":"[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}"/, '"request_id":"<uuid>"')
    .replace(/https?:\/\/(api\.paddle\.com|127\.0\.0\.1:\d+)/, "<host>");
  return JSON.parse(text);
}
