/** Paddle's side of an outage: a steady stream of signed webhooks, each of them sent again until it is answered 200. */
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";
import { eventBody, type EventType, keyData, randomId } from "../paddle-simulator/events.ts";
import type { ApiKeyEntity } from "../paddle-simulator/entities.ts";
import { signWebhook } from "../paddle-simulator/sign.ts";

/** Paddle gives up on an answer after 5 s. */
const ANSWER_MS = 5_000;
/** Paddle's own retries are minutes apart: what was refused comes again, only sooner. */
const AGAIN_MS = 250;
const TICK_MS = 20;

export type Traffic = {
  /** When each event was answered 200, by its id, in epoch milliseconds. */
  readonly accepted: ReadonlyMap<string, number>;
  /** How often an attempt was answered with anything else, or refused before it was sent. */
  readonly refused: number;
  /** How often a connection took a request and broke off without an answer. */
  readonly unanswered: number;
  /** Sends one event until it is accepted; gives its id. */
  send(type: EventType, data: ApiKeyEntity): Promise<string>;
  /** Sends no more, and resolves once everything that was sent is accepted. */
  end(): Promise<void>;
};

/** @param targets the public addresses that a load balancer would choose from now */
export function startTraffic(options: {
  readonly perSecond: number;
  readonly secret: string;
  readonly targets: () => readonly string[];
}): Traffic {
  // As through a load balancer that opens a connection for each request: none is cut while it is idle.
  const agent = new Agent({ pipelining: 0, connections: 200 });
  const accepted = new Map<string, number>();
  const pending = new Set<Promise<unknown>>();
  const counts = { refused: 0, unanswered: 0 };
  let turn = 0;

  const attempt = async (body: string): Promise<boolean> => {
    const targets = options.targets();
    turn += 1;
    const target = targets[turn % targets.length];
    if (target === undefined) return false;
    const signature = signWebhook(options.secret, body, Math.floor(Date.now() / 1000));
    try {
      const answer = await request(`${target}/webhooks/paddle`, {
        method: "POST",
        body,
        headers: { "paddle-signature": signature },
        dispatcher: agent,
        headersTimeout: ANSWER_MS,
      });
      await answer.body.dump();
      if (answer.statusCode === 200) return true;
      counts.refused += 1;
    } catch (error) {
      if (codeOf(error) === "ECONNREFUSED") counts.refused += 1;
      else counts.unanswered += 1;
    }
    return false;
  };
  const deliver = async (type: EventType, data: ApiKeyEntity): Promise<string> => {
    const eventId = randomId("evt");
    const body = eventBody(type, data, { eventId });
    while (!(await attempt(body))) await pause(AGAIN_MS);
    accepted.set(eventId, Date.now());
    return eventId;
  };
  const send = (type: EventType, data: ApiKeyEntity) => {
    const sent = deliver(type, data);
    pending.add(sent);
    void sent.finally(() => pending.delete(sent));
    return sent;
  };

  const startedAt = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * options.perSecond;
    // About keys that nobody manages here: each is a job of its own, and ends in an alert of its own.
    for (; count < due; count += 1) void send("api_key.expired", keyData({ id: randomId("apikey") }));
  }, TICK_MS);

  return {
    accepted,
    get refused() {
      return counts.refused;
    },
    get unanswered() {
      return counts.unanswered;
    },
    send,
    async end() {
      clearInterval(timer);
      await Promise.all(pending);
      await agent.close();
    },
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
