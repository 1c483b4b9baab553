/**
 * One key vault, as this process speaks to it: every request has a deadline, what may be repeated is repeated a few
 * times, and a token that the vault refuses is thrown away with the client that holds it.
 */
import { SecretClient, type SecretClientOptions } from "@azure/keyvault-secrets";
import type { TokenCredential } from "@azure/identity";
import type { Clock } from "../../core/ports.ts";
import { faultOf } from "./faults.ts";
import { type Failure, failureOf, KEEPS_REFUSALS } from "./failure.ts";
import type { Question } from "./permissions.ts";
import { SteadyCredential } from "./tokens.ts";
import { within } from "./within.ts";

export type Ask<Result> = (client: SecretClient, options: { abortSignal: AbortSignal }) => Promise<Result>;
export type Reply<Result> =
  { readonly ok: true; readonly value: Result } | { readonly ok: false; readonly failure: Failure };

export type VaultOptions = {
  /** Without a path, e.g. `https://kv-billing.vault.azure.net`. */
  readonly url: string;
  readonly openCredential: () => TokenCredential;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** For one request. */
  readonly deadlineMs: number;
  /** Before the second try; it doubles with each further one. */
  readonly pauseMs: number;
  readonly client: SecretClientOptions;
};

const TRIES = 4;
/** All tries together take no longer than so many deadlines of one request. */
const DEADLINES = 3;

type Session = {
  readonly client: SecretClient;
  readonly credential: SteadyCredential;
  /** Its first read, whatever came of it. */
  firstRead: Promise<unknown> | null;
};

export class Vault {
  readonly #options: VaultOptions;
  #session: Session | null = null;

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /** When what begins now must have an answer, tries and pauses included. */
  get patienceEnds(): number {
    return this.#options.clock.now() + DEADLINES * this.#options.deadlineMs;
  }

  /** Throws StoreError. @param until epoch milliseconds: nothing of this is sent later */
  async call<Result>(question: Question, ask: Ask<Result>, until = this.patienceEnds): Promise<Result> {
    const reply = await this.try(question, ask, until);
    if (reply.ok) return reply.value;
    throw faultOf(reply.failure, question, this.url);
  }

  async try<Result>(question: Question, ask: Ask<Result>, until = this.patienceEnds): Promise<Reply<Result>> {
    const { clock, pauseMs, random } = this.#options;
    let renewed = false;
    for (let tries = 1; ; tries += 1) {
      const session = (this.#session ??= this.#open());
      const reply = await this.#once(session, question, ask, until);
      if (reply.ok) return reply;
      const { failure } = reply;
      if (failure.kind === "refused" && failure.status === 401 && !renewed) {
        renewed = true;
        if (this.#session === session) this.#session = null;
        continue;
      }
      const jittered = pauseMs * 2 ** (tries - 1) * (0.5 + random() / 2);
      const pause = Math.max(jittered, failure.kind === "refused" ? (failure.retryAfterMs ?? 0) : 0);
      if (!mayRepeat(failure, question) || tries === TRIES || clock.now() + pause >= until) return reply;
      await clock.sleep(pause);
    }
  }

  #open(): Session {
    const { url, openCredential, clock, deadlineMs, client } = this.#options;
    const credential = new SteadyCredential(openCredential, clock, DEADLINES * deadlineMs);
    const options = {
      ...client,
      additionalPolicies: [...(client.additionalPolicies ?? []), ...KEEPS_REFUSALS],
      // Repeating is decided here.
      retryOptions: { maxRetries: 0 },
    };
    return { client: new SecretClient(url, credential, options), credential, firstRead: null };
  }

  async #once<Result>(
    session: Session,
    question: Question,
    ask: Ask<Result>,
    until: number,
  ): Promise<Reply<Result>> {
    const { clock, deadlineMs } = this.#options;
    const send = <Answer>(what: Ask<Answer>) =>
      within(Math.max(1, Math.min(deadlineMs, until - clock.now())), (abortSignal) =>
        what(session.client, { abortSignal }),
      );
    try {
      if (isWrite(question)) {
        // The client sends its very first request without a body, and if another request overtakes that one, the
        // body is lost. So a read goes before the first write.
        const read: Ask<unknown> = (client, request) => client.getSecret(question.secret, request);
        await (session.firstRead ??= send(read).catch(() => {}));
        return { ok: true, value: await send(ask) };
      }
      const sent = send(ask);
      session.firstRead ??= sent.catch(() => {});
      return { ok: true, value: await sent };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== "unanswered" || !session.credential.keepsWaiting) return { ok: false, failure };
      return { ok: false, failure: { kind: "no-token", code: failure.code, final: false } };
    }
  }
}

function isWrite({ operation }: Question): boolean {
  return operation === "set" || operation === "update";
}

/** Adding a version twice would leave one that nobody knows of; everything else may be done again. */
function mayRepeat(failure: Failure, { operation }: Question): boolean {
  if (failure.kind === "no-token") return !failure.final;
  if (failure.kind === "unanswered") return operation !== "set" || !failure.reached;
  if (failure.status === 429) return true;
  return (failure.status >= 500 || failure.status === 408) && operation !== "set";
}
