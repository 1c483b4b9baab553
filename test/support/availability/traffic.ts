/** Paddle's side of an outage: a steady stream of signed webhooks, each of them sent again until it is answered 200. */
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";
import type { PaddleEvent } from "../paddle-simulator/account/account.ts";
import { eventBody } from "../paddle-simulator/events.ts";
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
  send(event: PaddleEvent): Promise<string>;
  /** Sends no more, and resolves once everything that was sent is accepted. */
  end(): Promise<void>;
};

/**
 * @param happen what the next webhook tells of
 * @param targets the public addresses that a load balancer would choose from now
 */
export function startTraffic(options: {
  readonly perSecond: number;
  readonly secret: string;
  readonly happen: () => PaddleEvent;
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
  const deliver = async ({ id, type, data, occurredAt }: PaddleEvent): Promise<string> => {
    const body = eventBody(type, data, { eventId: id, occurredAt });
    while (!(await attempt(body))) await pause(AGAIN_MS);
    accepted.set(id, Date.now());
    return id;
  };
  const send = (event: PaddleEvent) => {
    const sent = deliver(event);
    pending.add(sent);
    void sent.finally(() => pending.delete(sent));
    return sent;
  };

  const startedAt = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * options.perSecond;
    for (; count < due; count += 1) void send(options.happen());
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
