/** Asks Secret Manager through Google's client: with a deadline, again where that helps, never twice where it harms. */
import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { loggingUtils } from "google-gax";
import { StoreError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { credentialsIn } from "./credentials.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type Request, storeError } from "./faults.ts";

export type ClientOptions = {
  readonly location: string | null;
  readonly endpoint: string | null;
  readonly credentialsFile: string | null;
  readonly clock: Clock;
  readonly random: () => number;
  /** Of one request. */
  readonly deadlineMs: number;
  /** Before the second try; doubles from there. */
  readonly pauseMs: number;
};

/** What every call is given. */
export type CallOptions = { readonly timeout: number; readonly retry: null };
export type Call<Answer> = (client: SecretManagerServiceClient, options: CallOptions) => Promise<Answer>;

const TRIES = 4;
/** One operation takes no longer than so many deadlines. */
const DEADLINES = 3;

export class SecretManager {
  readonly #options: ClientOptions;
  readonly #origin: URL;
  #client: Promise<SecretManagerServiceClient> | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#origin = new URL(options.endpoint ?? googlesOwn(options.location));
    // With GOOGLE_SDK_NODE_LOGGING in the environment the client would print every request, secrets and all.
    loggingUtils.setBackend(null);
  }

  /** The answer, or null where `absent` says so of the failure. Throws StoreError. */
  async ask<Answer>(
    request: Request,
    call: Call<Answer>,
    absent: (failure: Failure) => boolean = () => false,
  ): Promise<Answer | null> {
    const { clock, deadlineMs } = this.#options;
    const end = clock.now() + DEADLINES * deadlineMs;
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      this.#client ??= this.#open();
      const opened = this.#client;
      try {
        const client = await opened;
        return await within(deadlineMs, call(client, { timeout: deadlineMs, retry: null }));
      } catch (error) {
        if (error instanceof StoreError) {
          this.#client = null;
          throw error;
        }
        const failure = error instanceof Overdue ? OVERDUE : failureOf(error, this.#origin.host);
        if (absent(failure)) return null;
        if (failure.kind === "unauthenticated" && !renewed) {
          // Nothing was done. A new client gets new credentials.
          renewed = true;
          if (this.#client === opened) this.#client = null;
          continue;
        }
        if (attempt >= TRIES || clock.now() >= end || !maybeRepeated(failure, request))
          throw storeError(failure, request);
        await this.#pause(attempt);
      }
    }
  }

  async #open(): Promise<SecretManagerServiceClient> {
    const { credentialsFile } = this.#options;
    const { hostname, protocol, port } = this.#origin;
    return new SecretManagerServiceClient({
      fallback: true,
      apiEndpoint: hostname,
      protocol: protocol.slice(0, -1),
      port: Number(port || (protocol === "http:" ? 80 : 443)),
      ...(credentialsFile !== null && { authClient: await credentialsIn(credentialsFile) }),
    });
  }

  /** Between half and all of it, so that several writers do not come back at once. */
  #pause(attempt: number): Promise<void> {
    const { clock, random, pauseMs } = this.#options;
    return clock.sleep(pauseMs * 2 ** (attempt - 1) * (0.5 + random() / 2));
  }
}

function maybeRepeated(failure: Failure, { repeatable }: Request): boolean {
  if (failure.kind === "throttled" || failure.kind === "unreached") return true;
  if (failure.kind === "no-credentials") return failure.passing;
  return failure.kind === "unanswered" && repeatable;
}

/** https://cloud.google.com/secret-manager/regional-secrets/create-regional-secret */
function googlesOwn(location: string | null): string {
  return location === null
    ? "https://secretmanager.googleapis.com"
    : `https://secretmanager.${location}.rep.googleapis.com`;
}

class Overdue extends Error {
  override readonly name = "Overdue";
}
const OVERDUE: Failure = { kind: "unanswered", code: "DEADLINE_EXCEEDED" };

/** The client's own deadline does not cover the search for credentials. */
function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const overdue = Promise.withResolvers<never>();
  AbortSignal.timeout(ms).addEventListener("abort", () => overdue.reject(new Overdue()), { once: true });
  return Promise.race([work, overdue.promise]);
}
