/** One exposure: sends its webhook and sees, from Paddle's side, how long it takes until the exposed secret is dead. */
import { readFile } from "node:fs/promises";
import { request } from "undici";
import { eventBody, exposureData } from "../../test/support/paddle-simulator/events.ts";
import { signWebhook } from "../../test/support/paddle-simulator/sign.ts";
import type { PaddleSimulator } from "../../test/support/paddle-simulator/start.ts";
import { until } from "../../test/support/until.ts";
import { SECRET } from "../servers.ts";

export type ExposedKey = { readonly id: string; readonly file: string };

/** Where the milliseconds of one exposure went, Paddle's own taken off. */
export type Taken = {
  /** From the webhook's first byte: checked, queued, taken by a worker, the key found. */
  readonly toFirstCall: number;
  /** From Paddle's answer to the request for a new secret. */
  readonly toIssue: number;
  /** From the new secret to its first use, which kills the old one; it is staged in between. */
  readonly toActivation: number;
};

/** When each request of `paddle.requests` was there as a whole, by this process's own clock. */
export function watchArrivals(paddle: PaddleSimulator): readonly number[] {
  const arrivals: number[] = [];
  paddle.faults.add({
    when() {
      arrivals[paddle.requests.length - 1] = performance.now();
      return false;
    },
    do: { kind: "reset" },
  });
  return arrivals;
}

/** Resolves once the new secret is in the .env file. */
export async function exposeOnce(
  { id, file }: ExposedKey,
  url: string,
  paddle: PaddleSimulator,
  arrivals: readonly number[],
): Promise<Taken> {
  const exposed = activeLine(await readFile(file, "utf8"));
  const body = eventBody("api_key_exposure.created", exposureData({ api_key_id: id, action_taken: "none" }));
  const callsBefore = paddle.requests.length;
  const startedAt = performance.now();
  await post(url, body);
  await until(
    "the .env file holds the new secret",
    async () => activeLine(await readFile(file, "utf8")) !== exposed,
  );
  const calls = paddle.requests
    .slice(callsBefore)
    .map((call, index) => ({ ...call, arrivedAt: arrivals[callsBefore + index] ?? Number.NaN }))
    .filter(({ path }) => path.includes(id));
  const [asked, issued, activated] = calls;
  if (issued?.method !== "POST" || !asked || !activated || activated.fingerprint === asked.fingerprint)
    throw new Error(`unexpected calls: ${calls.map(({ method, path }) => `${method} ${path}`).join(", ")}`);
  const answeredAt = (call: typeof asked) => call.arrivedAt + (call.durationMs ?? Number.NaN);
  return {
    toFirstCall: asked.arrivedAt - startedAt,
    toIssue: issued.arrivedAt - answeredAt(asked),
    toActivation: activated.arrivedAt - answeredAt(issued),
  };
}

export async function post(url: string, body: string): Promise<void> {
  const signature = signWebhook(SECRET, body, Math.floor(Date.now() / 1000));
  const headers = { "content-type": "application/json", "paddle-signature": signature };
  const answer = await request(`${url}/webhooks/paddle`, { method: "POST", headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`the webhook was answered with ${answer.statusCode}`);
}

function activeLine(text: string): string | undefined {
  return /^ACTIVE_PADDLE_KEY=.*$/m.exec(text)?.[0];
}
