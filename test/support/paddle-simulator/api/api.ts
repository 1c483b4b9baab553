/**
 * Paddle's API as a function from request to response. It does no I/O: the HTTP server calls it, and a test may
 * too. Order of judgement: rate limit, path, credentials (a first use activates here), then the endpoint.
 */
import type { Account } from "../account/account.ts";
import { ACCOUNT_ENDPOINTS } from "./account-wide.ts";
import { ApiError } from "./api-error.ts";
import { callerOf } from "./authorization.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { KEY_ENDPOINTS } from "./keys.ts";
import { DESTINATION_ENDPOINTS } from "./notification-settings.ts";
import { RateLimit } from "./rate-limit.ts";
import { ROTATION_ENDPOINTS } from "./rotations.ts";

export type ApiRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** The caller's address: limits are per source. */
  readonly source: string;
};

export type ApiResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const ENDPOINTS = [...KEY_ENDPOINTS, ...ROTATION_ENDPOINTS, ...ACCOUNT_ENDPOINTS, ...DESTINATION_ENDPOINTS];

export class Api {
  readonly #account: Account;
  readonly #origin: string;
  readonly #limit: RateLimit;

  /** @param origin where this API is, for the absolute URLs of lists, e.g. `http://127.0.0.1:4010` */
  constructor(account: Account, origin: string) {
    this.#account = account;
    this.#origin = origin;
    this.#limit = new RateLimit(account.switches.requestsPerMinute);
  }

  handle(request: ApiRequest): ApiResponse {
    try {
      const { status = 200, data, pagination } = this.#answer(request);
      return this.#respond(status, { data }, pagination && { pagination });
    } catch (error) {
      if (error instanceof ApiError) return this.refuse(error);
      throw error;
    }
  }

  /** The response that says what was wrong. */
  refuse(error: ApiError): ApiResponse {
    const body = { error: error.toBody() };
    if (error.retryAfterSeconds === null) return this.#respond(error.status, body);
    // The example on Paddle's page about rate limits has no `meta`.
    const headers = { "content-type": "application/json", "retry-after": String(error.retryAfterSeconds) };
    return { status: error.status, headers, body: JSON.stringify(body) };
  }

  #answer({ method, path, headers, body, source }: ApiRequest): Answer {
    const retryAfterSeconds = this.#limit.take(source, this.#account.clock.now());
    if (retryAfterSeconds !== null) throw new ApiError("too_many_requests", { retryAfterSeconds });
    const url = URL.parse(this.#origin + path);
    if (!url) throw new ApiError("invalid_url");
    const { endpoint, params } = route(method, url.pathname);
    const caller = callerOf(this.#account, headers["authorization"]);
    const skipCount = headers["skip-count"] === "true";
    const call: Call = { account: this.#account, params, url, body, skipCount };
    if (endpoint.open) return endpoint.answer(call, caller);
    if (!caller) throw new ApiError("authentication_missing");
    return endpoint.answer(call, caller);
  }

  #respond(status: number, body: object, meta: object = {}): ApiResponse {
    const text = JSON.stringify({ ...body, meta: { request_id: this.#account.mint.requestId(), ...meta } });
    return { status, headers: { "content-type": "application/json" }, body: text };
  }
}

function route(method: string, pathname: string): { endpoint: Endpoint; params: string[] } {
  for (const endpoint of ENDPOINTS) {
    const match = endpoint.method === method ? endpoint.path.exec(pathname) : null;
    if (match) return { endpoint, params: match.slice(1) };
  }
  throw new ApiError("invalid_url");
}
