/** Paddle's side while a neighbour is in trouble: few webhooks, each sent again until it is accepted, all answers timed. */
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";
import { eventBody, type EventType, keyData, randomId } from "../paddle-simulator/events.ts";
import { signWebhook } from "../paddle-simulator/sign.ts";

/** Paddle's own retries are minutes apart: what was refused comes again, only sooner. */
const AGAIN_MS = 500;
/** Longer than Paddle waits, so that what is too slow is seen and not cut off. */
const PATIENCE_MS = 20_000;

export type Attempt = { readonly status: number | string; readonly ms: number };

export type Webhooks = {
  readonly attempts: readonly Attempt[];
  /** Ids of the events of its own that were answered 200. */
  readonly accepted: ReadonlySet<string>;
  /** How many of those that it was asked to send were not answered 200 so far. */
  readonly open: number;
  /** Sends one event until it is accepted. */
  send(type: EventType, data: object): void;
  /** Sends no more of its own, and resolves once everything that was sent is accepted. */
  end(): Promise<void>;
};

/** Begins to send events about keys that nobody manages here: each is a job of its own, and ends in an alert of its own. */
export function startWebhooks(options: {
  readonly url: string;
  readonly secret: string;
  readonly everyMs: number;
}): Webhooks {
  const agent = new Agent({ pipelining: 0 });
  const attempts: Attempt[] = [];
  const accepted = new Set<string>();
  const pending = new Set<Promise<unknown>>();

  const attempt = async (body: string): Promise<boolean> => {
    const sentAt = performance.now();
    const status = await request(`${options.url}/webhooks/paddle`, {
      method: "POST",
      body,
      headers: { "paddle-signature": signWebhook(options.secret, body, Math.floor(Date.now() / 1000)) },
      dispatcher: agent,
      headersTimeout: PATIENCE_MS,
    }).then(
      async (answer) => {
        await answer.body.dump();
        return answer.statusCode;
      },
      (error: Error) => ("code" in error ? String(error.code) : error.name),
    );
    attempts.push({ status, ms: performance.now() - sentAt });
    return status === 200;
  };
  const deliver = async (type: EventType, data: object): Promise<string> => {
    const eventId = randomId("evt");
    const body = eventBody(type, data, { eventId });
    while (!(await attempt(body))) await pause(AGAIN_MS);
    return eventId;
  };
  let open = 0;
  const keep = (sent: Promise<unknown>) => {
    pending.add(sent);
    void sent.finally(() => pending.delete(sent));
  };
  const sendOwn = async () =>
    accepted.add(await deliver("api_key.expired", keyData({ id: randomId("apikey") })));
  const send = async (type: EventType, data: object) => {
    open += 1;
    await deliver(type, data);
    open -= 1;
  };
  const timer = setInterval(() => keep(sendOwn()), options.everyMs);
  return {
    attempts,
    accepted,
    get open() {
      return open;
    },
    send: (type, data) => keep(send(type, data)),
    async end() {
      clearInterval(timer);
      await Promise.all(pending);
      await agent.close();
    },
  };
}
