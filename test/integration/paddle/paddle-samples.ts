/** Paddle's answers as its API reference shows them, and a client to receive them. */
import { type CapturedLog, captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { Secret } from "../../../src/core/secret.ts";
import { createPaddleClient, type PaddleClient } from "../../../src/paddle/client.ts";
import { json } from "./wire-server.ts";

export const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
export const ROTATION_ID = "apkrot_01kab0c1d2e3f4g5h6j7k8m9np";
export const REQUEST_ID = "d3a0c6de-3c54-4f0f-9f1a-51d2b7c3e4f6";
export const SECRET = new Secret("pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Ab1Cd2Ef3Gh4Ij5Kl6Mn7O_p8Q");
export const NEW_SECRET = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";

const meta = { request_id: REQUEST_ID };

export const keyEntity = {
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
export const rotationEntity = {
  id: ROTATION_ID,
  api_key_id: KEY_ID,
  new_key: NEW_SECRET,
  grace_period_seconds: 3600,
  status: "pending",
  expires_at: null,
  created_at: "2026-11-21T01:00:00.000000Z",
  updated_at: "2026-11-21T01:00:00.000000Z",
};
export const rotation = {
  id: ROTATION_ID,
  keyId: KEY_ID,
  status: "pending",
  graceSeconds: 3600,
  expiresAt: null,
  createdAt: Date.UTC(2026, 10, 21, 1),
};

export const one = (data: object) => ({ data, meta });

export const page = (
  data: readonly object[],
  hasMore: boolean,
  next = "https://evil.example/steal?after=x",
) => ({
  data,
  meta: { ...meta, pagination: { per_page: 50, next, has_more: hasMore, estimated_total: -1 } },
});

export const problem = (code: string) => ({
  error: { type: "request_error", code, detail: "What went wrong.", documentation_url: "https://x" },
  meta,
});

export const apiRoot = one({
  api: { name: "Paddle API", version: "1", environment: "production", documentation_url: "https://x" },
  caller: { auth_type: null, account: null, permissions: [] },
});

export type OpenClient = AsyncDisposable & {
  readonly paddle: PaddleClient;
  readonly clock: FakeClock;
  readonly captured: CapturedLog;
};

/** A client of the server at `url`, in a time that stands still. */
export function openClient(
  url: URL | null,
  { requestsPerMinute = 60, clock = new FakeClock(Date.UTC(2026, 10, 21, 1)) } = {},
): OpenClient {
  const captured = captureLog();
  const { log } = captured;
  const paddle = createPaddleClient({ apiUrl: url, requestsPerMinute, clock, log, version: "1.2.3" });
  return { paddle, clock, captured, [Symbol.asyncDispose]: () => paddle.close() };
}

/** A read, which changes nothing. */
export const read = ({ paddle }: OpenClient) => paddle.listKeys(SECRET);
/** Asks with a secret, which may activate it. */
export const ask = ({ paddle }: OpenClient) => paddle.ask(KEY_ID, SECRET);
export const askUrgently = ({ paddle }: OpenClient) => paddle.urgent.ask(KEY_ID, SECRET);
export const rotate = ({ paddle }: OpenClient) => paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0 });

/** What satisfies `ask`. */
export const keyAnswer = json(one(keyEntity));
