/** Paddle's errors, worded as on its error pages (https://developer.paddle.com/errors/shared/<code>). */

const DOCS = "https://developer.paddle.com/errors";

type Kind = {
  readonly status: number;
  readonly type: "request_error" | "api_error";
  readonly detail: string;
  /** Where its page is, if not among the shared ones. */
  readonly group?: string;
};

const KINDS = {
  authentication_missing: { status: 403, type: "request_error", detail: "Authentication header missing." },
  authentication_malformed: {
    status: 403,
    type: "request_error",
    detail: "Authentication header included, but incorrectly formatted.",
  },
  invalid_token: { status: 403, type: "request_error", detail: "Invalid or revoked API key." },
  forbidden: { status: 403, type: "request_error", detail: "You aren't permitted to perform this request." },
  api_key_cannot_be_rotated: {
    status: 400,
    type: "request_error",
    detail: "This API key doesn't support rotation.",
    group: "api_keys",
  },
  bad_request: { status: 400, type: "request_error", detail: "Invalid request." },
  not_found: { status: 404, type: "request_error", detail: "Entity not found" },
  invalid_url: { status: 404, type: "request_error", detail: "URL called is invalid." },
  too_many_requests: {
    status: 429,
    type: "api_error",
    detail:
      "IP address exceeded the allowed rate limit. Retry after the number of seconds in the Retry-After header.",
  },
  internal_error: {
    status: 500,
    type: "api_error",
    detail: "Problem processing your request. The Paddle team has been notified.",
  },
  bad_gateway: {
    status: 502,
    type: "api_error",
    detail: "Endpoint can't process your request. The Paddle team has been notified.",
  },
  service_unavailable: {
    status: 503,
    type: "api_error",
    detail: "Endpoint is down temporarily and can't process your request. The Paddle team has been notified.",
  },
} as const satisfies Record<string, Kind>;

export type ErrorCode = keyof typeof KINDS;

export type FieldFault = { readonly field: string; readonly message: string };

/** Thrown by an endpoint; the API answers with it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly errors: readonly FieldFault[];
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ErrorCode,
    what: {
      detail?: string;
      errors?: readonly FieldFault[];
      retryAfterSeconds?: number | undefined;
      /** Left out: the one that Paddle documents for the code. */
      status?: number;
    } = {},
  ) {
    super(what.detail ?? KINDS[code].detail);
    this.code = code;
    this.status = what.status ?? KINDS[code].status;
    this.errors = what.errors ?? [];
    this.retryAfterSeconds = what.retryAfterSeconds ?? null;
  }

  /** What stands under `error` in the body. */
  toBody() {
    const { type, group = "shared" }: Kind = KINDS[this.code];
    return {
      type,
      code: this.code,
      detail: this.message,
      documentation_url: `${DOCS}/${group}/${this.code}`,
      ...(this.errors.length > 0 && { errors: this.errors }),
    };
  }
}

/** The code that Paddle's errors of this HTTP status usually have. */
export function usualCode(status: number): ErrorCode {
  switch (status) {
    case 400:
      return "bad_request";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 429:
      return "too_many_requests";
    case 502:
      return "bad_gateway";
    case 503:
      return "service_unavailable";
    default:
      return "internal_error";
  }
}

export function notFound(id: string): ApiError {
  return new ApiError("not_found", { detail: `Entity ${id} not found` });
}

export function invalidFields(...errors: FieldFault[]): ApiError {
  return new ApiError("bad_request", { errors });
}
