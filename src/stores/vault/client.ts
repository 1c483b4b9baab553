/**
 * Talks to one Vault: each request by its deadline, repeated where that is safe and can help, for a bounded time.
 * Every request of this store may be repeated: a write is guarded by the version it replaces, and a sign-in that is
 * done twice leaves one more token that ends by itself.
 */
import { readFile } from "node:fs/promises";
import type { Clock } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { Health, isVaultError, parse, readReply, type Reply } from "./answers.ts";
import type { Call } from "./call.ts";
import { type Answered, exchange, type Failed, headerOf } from "./exchange.ts";
import { gaveUp, isCertificateFault, strayRedirect, unreadableFile, wrongAnswer } from "./faults.ts";
import type { Patience } from "./options.ts";
import { redirectTarget } from "./redirect.ts";
import { guardedConnect } from "../../requests/connect.ts";
import { Agent } from "../../requests/undici.ts";
import type { z } from "zod";

export type ClientOptions = {
  /** For messages. */
  readonly place: string;
  readonly address: string;
  readonly namespace: string | null;
  readonly caFile: string | null;
  readonly clock: Clock;
  readonly patience: Patience;
  /** From 0 to 1: spreads those who were all refused at once. */
  readonly random: () => number;
};

const TRIES = 4;
const CONNECT_DEADLINE_MS = 3_000;
/** More than any storage of Vault takes in one entry. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

type Result = Answered | Failed;

export class VaultClient {
  readonly #options: ClientOptions;
  #agent: Agent | null = null;
  /** The latest state that a write of ours made, where Vault has several nodes that answer reads. */
  #index: string | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Asks, and asks again while the fault may pass. Returns the answer if it is one about the request itself.
   *
   * @throws StoreError if there is none in time
   */
  async send(call: Call, token: Secret | null): Promise<Reply> {
    const { clock, patience, random } = this.#options;
    const end = clock.now() + patience.operationMs;
    for (let attempt = 1, inDoubt = false; ; attempt += 1) {
      const result = await this.#exchange(call, token, Math.min(patience.requestMs, end - clock.now()));
      if (result.kind === "answered" && !mayPass(result.status)) return this.#settled(result);
      inDoubt ||= call.changes === true && mayHaveActed(result);
      const backoff = patience.pauseMs * 2 ** (attempt - 1) * (0.5 + random());
      const pause = Math.max(backoff, askedFor(result));
      const isHopeless = result.kind === "failed" && isCertificateFault(result.fault);
      // The authority's certificate is read anew, in case it was replaced together with Vault's.
      if (isHopeless) this.#agent = null;
      if (isHopeless || attempt === TRIES || clock.now() + pause >= end) {
        const { place, address } = this.#options;
        throw gaveUp({ place, address, call, result, inDoubt, health: await this.#health(result) });
      }
      await clock.sleep(pause);
    }
  }

  /** Asks once; null: no answer about the request itself. */
  async once(call: Call, token: Secret | null): Promise<Reply | null> {
    const result = await this.#exchange(call, token, this.#options.patience.requestMs);
    return result.kind === "answered" && !mayPass(result.status) ? readReply(result) : null;
  }

  /** The answer in the form that it must have. */
  read<Schema extends z.ZodType>(reply: Reply, schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(reply.json);
    if (parsed.success) return parsed.data;
    throw wrongAnswer(this.#options.place, reply);
  }

  #settled(answer: Answered): Reply {
    const reply = readReply(answer);
    if (reply.status >= 300 && reply.status < 400) throw strayRedirect(this.#options.place, reply);
    return reply;
  }

  async #exchange(call: Call, token: Secret | null, timeoutMs: number): Promise<Result> {
    const { clock } = this.#options;
    const agent = await this.#open();
    const url = new URL(`${this.#options.address}/v1/${call.path}`);
    const outgoing = {
      url,
      method: call.method,
      headers: this.#headers(call, token),
      body: call.body ?? null,
    };
    const startedAt = clock.now();
    let result = await exchange(agent, clock, outgoing, timeoutMs);
    const target =
      result.kind === "answered" && result.status === 307
        ? redirectTarget(url, headerOf(result, "location"))
        : null;
    if (target)
      result = await exchange(
        agent,
        clock,
        { ...outgoing, url: target },
        Math.max(timeoutMs - (clock.now() - startedAt), 1),
      );
    if (call.changes && result.kind === "answered")
      this.#index = headerOf(result, "x-vault-index") ?? this.#index;
    return result;
  }

  #headers(call: Call, token: Secret | null): Record<string, string> {
    const { namespace } = this.#options;
    return {
      accept: "application/json",
      // Listeners and agents can be told to refuse requests without it.
      "x-vault-request": "true",
      ...(token && { "x-vault-token": token.reveal() }),
      // sys/health is the root namespace's alone.
      ...(namespace !== null && call !== HEALTH && { "x-vault-namespace": namespace }),
      // A node that is not that far yet answers 412 instead of what was true before.
      ...(this.#index !== null && { "x-vault-index": this.#index }),
      ...(call.body !== undefined && { "content-type": "application/json" }),
    };
  }

  /** What Vault says of itself, where it failed for a reason of its own. */
  async #health(result: Result): Promise<{ status: number; facts: z.output<typeof Health> } | null> {
    if (result.kind === "failed" || result.status < 500) return null;
    const answer = await this.#exchange(HEALTH, null, this.#options.patience.requestMs);
    if (answer.kind === "failed") return null;
    const facts = Health.safeParse(readReply(answer).json);
    return facts.success ? { status: answer.status, facts: facts.data } : null;
  }

  /** Idle connections do not keep the process alive. */
  async #open(): Promise<Agent> {
    if (this.#agent) return this.#agent;
    const { place, caFile } = this.#options;
    const ca =
      caFile === null
        ? null
        : await readFile(caFile, "utf8").catch((error: unknown) => {
            throw unreadableFile(place, "caFile", caFile, error);
          });
    return (this.#agent ??= new Agent({
      connections: 8,
      maxResponseSize: MAX_ANSWER_BYTES,
      connect: guardedConnect({ timeoutMs: CONNECT_DEADLINE_MS, ...(ca !== null && { ca }) }),
    }));
  }
}

const HEALTH: Call = { method: "GET", path: "sys/health" };

/**
 * 412: this node has not caught up yet. 429: too many requests. 472 and 473: no node that serves. 5xx: Vault is
 * sealed, changes its leader, or failed (Vault: HTTP status codes).
 */
function mayPass(status: number): boolean {
  return status >= 500 || [412, 429, 472, 473].includes(status);
}

/** Whether a request that ended like this may have been carried out. */
function mayHaveActed(result: Result): boolean {
  if (result.kind === "failed") return result.sent;
  // Vault's own 503 is given by a node that is sealed or not active; any other fault can be met halfway.
  const isTurnedAway = result.status === 503 && isVaultError(parse(result.body));
  return result.status >= 500 && !isTurnedAway;
}

/** Milliseconds that the answer asks us to wait. */
function askedFor(result: Result): number {
  const seconds = result.kind === "answered" ? (headerOf(result, "retry-after") ?? "") : "";
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : 0;
}
