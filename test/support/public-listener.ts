/** The public listener on a free port of the loopback, with all that it needs in memory. */
import type { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { Agent, type Dispatcher, request } from "undici";
import type { Alert } from "../../src/core/alert.ts";
import { Secret } from "../../src/core/secret.ts";
import { buildPublicListener, type PublicListenerDeps } from "../../src/http/public-listener.ts";
import { type CapturedLog, captureLog } from "./captured-log.ts";
import { FakeClock } from "./fake-clock.ts";
import { memoryAttestations } from "./consumers/memory-attestations.ts";
import { MemoryWorkQueue } from "./memory-work-queue.ts";
import { eventBody, keyData } from "./paddle-simulator/events.ts";
import { signWebhook } from "./paddle-simulator/sign.ts";

export const WEBHOOK_SECRET = "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY";
export const WEBHOOK_PATH = "/webhooks/paddle";

/** A stream is sent in chunks, as it comes. */
export type Body = string | Buffer | Readable;

export type Reply = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly text: string;
};

export type Request = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: Body;
};

export type OpenListener = {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly clock: FakeClock;
  readonly queue: MemoryWorkQueue;
  readonly alerts: readonly Alert[];
  readonly captured: CapturedLog;
  readonly ask: (what: Request) => Promise<Reply>;
  /** Posts a body as Paddle does, signed unless `headers` has another signature. */
  readonly deliver: (body?: string | Buffer, headers?: Record<string, string | string[]>) => Promise<Reply>;
  /** The signature header for a body, made now. */
  readonly sign: (body: string | Buffer) => string;
  readonly close: () => Promise<void>;
};

/** The body of a webhook that asks for a job. */
export function expiringBody(eventId?: string): string {
  return eventBody("api_key.expiring", keyData(), eventId === undefined ? {} : { eventId });
}

export async function openPublicListener(deps: Partial<PublicListenerDeps> = {}): Promise<OpenListener> {
  const clock = new FakeClock();
  const queue = new MemoryWorkQueue();
  const alerts: Alert[] = [];
  const captured = captureLog();
  const app = buildPublicListener({
    secrets: [new Secret("the secret of an older destination"), new Secret(WEBHOOK_SECRET)],
    toleranceMs: 5_000,
    clock,
    queue,
    alerts: { raise: async (alert) => void alerts.push(alert) },
    keyNames: () => new Map([[keyData().id, "billing-worker"]]),
    log: captured.log,
    readiness: async () => ({ ready: true, checks: {} }),
    attesting: [],
    attestations: memoryAttestations(),
    ...deps,
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const agent = new Agent({ connections: 1 });

  const ask = async ({ method, path, headers = {}, body }: Request): Promise<Reply> => {
    const answer = await request(url + path, { dispatcher: agent, method, headers, body: body ?? null });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  const sign = (body: string | Buffer) => signWebhook(WEBHOOK_SECRET, body, clock.now() / 1_000);
  const deliver: OpenListener["deliver"] = (body = expiringBody(), headers = {}) => {
    const usual = { "content-type": "application/json", "paddle-signature": sign(body) };
    return ask({ method: "POST", path: WEBHOOK_PATH, headers: { ...usual, ...headers }, body });
  };
  const close = async () => {
    await agent.destroy();
    await app.close();
  };
  return { app, url, clock, queue, alerts, captured, ask, deliver, sign, close };
}
