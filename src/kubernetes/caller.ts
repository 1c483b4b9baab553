/**
 * Calls the API server until it answers or patience ends. Every call may be sent again: a read changes nothing, and a
 * write must do no harm when it is repeated.
 */
import type { ApiConstructor, ApiType } from "@kubernetes/client-node";
import type { Effect } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";
import { type Failure, failureOf } from "./answers.ts";
import { type Access, type Cluster, loadCluster } from "./cluster.ts";

/** What only tests change. */
export type Pace = {
  /** The longest time for one request; no further try of a call begins later than twice that. */
  readonly deadlineMs: number;
  /** The longest pause before the second try; it doubles with every further one. */
  readonly pauseMs: number;
  readonly random: () => number;
  /** Stands before the paths of the pod's service account. */
  readonly root: string;
};

const PACE: Pace = { deadlineMs: 5_000, pauseMs: 500, random: Math.random, root: "" };
const TRIES = 4;

/** What is known of a call that failed. */
export type Asked = {
  /** Where the API server is; empty: it is not known. */
  readonly server: string;
  /** Where the credentials come from; empty: there are none. */
  readonly identity: string;
  readonly effect: Effect;
};

export type Outcome<Answer> =
  { readonly answer: Answer } | { readonly answer?: never; readonly failure: Failure; readonly asked: Asked };

export class Caller {
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #cluster: Cluster | null = null;

  constructor(access: Access, clock: Clock, pace: Partial<Pace>) {
    this.#access = access;
    this.#clock = clock;
    this.#pace = { ...PACE, ...pace };
  }

  /** The pod's own, or that of the context; null: nobody looked yet. */
  get namespace(): string | null {
    return this.#cluster?.namespace ?? null;
  }

  /**
   * @param kind the client's class for that part of the API
   * @param changes whether it changes anything where it succeeds
   * @param action is given the pod's namespace, or that of the context
   */
  async call<Api extends ApiType, Answer>(
    { kind, changes }: { readonly kind: ApiConstructor<Api>; readonly changes: boolean },
    action: (api: Api, namespace: string) => Promise<Answer>,
  ): Promise<Outcome<Answer>> {
    const giveUpAt = this.#clock.now() + 2 * this.#pace.deadlineMs;
    let [renewed, mayBeDone] = [false, false];
    for (let attempt = 1; ; attempt += 1) {
      const { done, failure } = await this.#once(kind, action);
      if (!failure) return { answer: done };
      mayBeDone ||= changes && leavesDoubt(failure);
      const { server = "", identity = "" } = this.#cluster ?? {};
      if (isUnauthorized(failure) && !renewed) {
        // The client keeps a token for a while, and files of credentials change: they are read again.
        renewed = true;
        this.#cluster = null;
        continue;
      }
      const pauseMs = this.#pauseAfter(failure, attempt);
      if (pauseMs === null || this.#clock.now() + pauseMs >= giveUpAt)
        return { failure, asked: { server, identity, effect: mayBeDone ? "unknown" : "none" } };
      await this.#clock.sleep(pauseMs);
    }
  }

  async #once<Api extends ApiType, Answer>(
    kind: ApiConstructor<Api>,
    action: (api: Api, namespace: string) => Promise<Answer>,
  ): Promise<{ done: Answer; failure: null } | { done?: never; failure: Failure }> {
    try {
      const cluster = (this.#cluster ??= loadCluster(this.#access, this.#pace.root));
      const signal = AbortSignal.timeout(this.#pace.deadlineMs);
      return {
        done: await cluster.call(kind, (api) => action(api, cluster.namespace), signal),
        failure: null,
      };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  /** null: another try would end the same way, or there were enough. */
  #pauseAfter(failure: Failure, attempt: number): number | null {
    if (attempt >= TRIES || !mayPass(failure)) return null;
    const asked = failure.kind === "refused" ? (failure.answer.retryAfterMs ?? 0) : 0;
    const half = (this.#pace.pauseMs * 2 ** (attempt - 1)) / 2;
    return asked + half + half * this.#pace.random();
  }
}

function isUnauthorized(failure: Failure): boolean {
  return failure.kind === "refused" && failure.answer.status === 401;
}

/** Of faults that may be gone in a moment. */
function mayPass(failure: Failure): boolean {
  if (failure.kind === "refused") return failure.answer.status === 429 || failure.answer.status >= 500;
  return failure.kind === "no answer";
}

/** Whether a write that ended so may have been done. A request that flow control turns away was not looked at. */
function leavesDoubt(failure: Failure): boolean {
  switch (failure.kind) {
    case "refused":
      return failure.answer.status >= 500;
    case "no answer":
      return failure.sent;
    case "unreadable":
      return true;
    case "untrusted":
    case "no credentials":
    case "unusable":
      return false;
    default:
      return failure satisfies never;
  }
}
