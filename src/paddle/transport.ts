/**
 * Sends calls to Paddle: within the budget, over a few warm connections, each by its deadline. What cannot be
 * proved harmless is not sent twice; trying again is the business of the job that asked.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import { CLIENT_CLOSED, PaddleError } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";
import { guardedConnect } from "../requests/connect.ts";
import { Agent } from "../requests/undici.ts";
import { Budget, type Urgency } from "./budget.ts";
import { type Call, publicPath } from "./call.ts";
import { type Answered, exchange, type Failed, type Outgoing } from "./exchange.ts";
import { noAnswer, notSent } from "./failure.ts";
import { readReply, type Reply } from "./reply.ts";
import { retryAfterMs } from "./retry-after.ts";

/** For a connection, its TLS handshake included. */
const CONNECT_DEADLINE_MS = 3_000;
/** For a call, from its connection to the last byte of its answer; waiting for leave does not count. */
const CALL_DEADLINE_MS = 10_000;
/** For leave to send. */
const LEAVE_DEADLINE_MS = 60_000;

/** Few enough to be a polite neighbour. Urgent calls have their own, so that none waits behind a slow ordinary one. */
const CONNECTIONS: Readonly<Record<Urgency, number>> = { ordinary: 8, urgent: 4 };
/** How long an idle connection is kept for the next call where Paddle does not say. */
const KEEP_ALIVE_MS = 30_000;
/** The longest answer, a page of 200 keys, has a fraction of this. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export type TransportOptions = {
  /** How many requests any 60 seconds may hold, at least 1. */
  readonly requestsPerMinute: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this service, for the User-Agent. */
  readonly version: string;
};

/** The headers about limits are read only where somebody asks how Paddle answers. */
export type WholeReply = Reply & Pick<Answered, "limits">;

type Outcome = { readonly kind: "answered"; readonly reply: WholeReply } | Failed;

export class Transport {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #userAgent: string;
  readonly #budget: Budget;
  readonly #closing = new AbortController();
  readonly #agents: Readonly<Record<Urgency, Agent>> = {
    ordinary: openAgent(CONNECTIONS.ordinary),
    urgent: openAgent(CONNECTIONS.urgent),
  };

  constructor({ requestsPerMinute, clock, log, version }: TransportOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#userAgent = `paddle-key-rotator/${version}`;
    this.#budget = new Budget(clock, requestsPerMinute);
  }

  /**
   * Sends the call below `root` and returns the answer, whatever its status.
   *
   * @throws PaddleError if there is no whole answer
   */
  async send(call: Call, root: URL, urgency: Urgency): Promise<WholeReply> {
    const attempt = (timeoutMs: number) => this.#attempt(call, root, { urgency, timeoutMs });
    const first = await attempt(CALL_DEADLINE_MS);
    const isStale = first.kind === "failed" && first.reset && call.method === "GET";
    const outcome = isStale ? await again(attempt, first) : first;
    if (outcome.kind === "failed") throw noAnswer(call, root, outcome);
    return outcome.reply;
  }

  /** Turns away whoever waits for leave to send, lets the calls that are on their way end, and disconnects. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#agents.ordinary.close(), this.#agents.urgent.close()]);
  }

  async #attempt(
    call: Call,
    root: URL,
    { urgency, timeoutMs }: { urgency: Urgency; timeoutMs: number },
  ): Promise<Outcome> {
    const outgoing = this.#outgoing(call, root);
    for (;;) {
      await this.#waitForLeave(call, urgency);
      // A connection becomes free only in the turn after its answer's end; asked for one before that, undici
      // would open another and leave the warm one idle.
      await nextTurn();
      if (this.#closing.signal.aborted) throw closed(call);
      const result = await exchange(this.#agents[urgency], this.#clock, outgoing, {
        timeoutMs,
        // Paddle may have asked for silence since this call was given leave.
        mayStart: () => !this.#budget.silent,
        onRateLimit: (retryAfter) => this.#fallSilent(retryAfter),
      });
      if (result.kind === "held") continue;
      const line = { method: call.method, path: publicPath(call), durationMs: result.tookMs };
      if (result.kind === "failed") {
        this.#log.debug({ ...line, fault: result.fault }, "Paddle did not answer");
        return result;
      }
      const reply = readReply(result.status, result.body, call.secret);
      this.#log.debug({ ...line, status: reply.status, requestId: reply.requestId }, "Paddle answered");
      return { kind: "answered", reply: { ...reply, ...(result.limits && { limits: result.limits }) } };
    }
  }

  async #waitForLeave(call: Call, urgency: Urgency): Promise<void> {
    const closing = this.#closing.signal;
    const granted = await this.#budget.take(LEAVE_DEADLINE_MS, closing, urgency).catch((error: unknown) => {
      if (closing.aborted) throw closed(call);
      throw error;
    });
    if (granted) return;
    const why = `there is no room in this service's share of Paddle's rate limit for ${LEAVE_DEADLINE_MS / 1000} s`;
    throw notSent(call, "budget_exhausted", why, "later");
  }

  #fallSilent(retryAfter: string | null): void {
    const silenceMs = retryAfterMs(retryAfter, this.#clock.now());
    this.#budget.fallSilent(silenceMs);
    this.#log.warn({ silenceMs }, "Paddle's rate limit is reached: nothing is sent to Paddle for this long");
  }

  #outgoing(call: Call, root: URL): Outgoing {
    return {
      origin: root.origin,
      path: root.pathname.replace(/\/$/, "") + call.path,
      method: call.method,
      headers: {
        accept: "application/json",
        "user-agent": this.#userAgent,
        // The only version there is (Paddle: API reference, About, Versioning).
        "paddle-version": "1",
        ...call.headers,
        ...(call.secret && { authorization: `Bearer ${call.secret.reveal()}` }),
        ...(call.body && { "content-type": "application/json" }),
      },
      body: call.body ? JSON.stringify(call.body) : null,
    };
  }
}

function closed(call: Call): PaddleError {
  return notSent(call, CLIENT_CLOSED, "this service is shutting down", "later");
}

function openAgent(connections: number): Agent {
  return new Agent({
    connections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    connect: guardedConnect({ timeoutMs: CONNECT_DEADLINE_MS }),
  });
}

/**
 * Paddle may close an idle connection at the moment we use it, and a GET can simply be sent again. Where the
 * second one tells nothing of what became of the first, the first one's end stands: it was sent.
 */
async function again(attempt: (timeoutMs: number) => Promise<Outcome>, first: Failed): Promise<Outcome> {
  try {
    const second = await attempt(CALL_DEADLINE_MS - first.tookMs);
    const tells = second.kind === "failed" ? second.sent : second.reply.status !== 429;
    return tells ? second : first;
  } catch (error) {
    if (error instanceof PaddleError) return first;
    throw error;
  }
}
