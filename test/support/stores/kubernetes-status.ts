/** The errors of a fake API server: objects of kind Status, as apimachinery's `errors` package makes them. */

type Cause = { readonly reason?: string; readonly message: string; readonly field: string };
type Details = { readonly causes?: readonly Cause[]; readonly retryAfterSeconds?: number };

export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly reason: string;
  readonly details: Details;

  constructor(code: number, reason: string, message: string, details: Details = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** As it goes over the wire. */
  get body(): object {
    const { code, reason, message, details } = this;
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      details,
      code,
    };
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function unauthorized(): StatusError {
  return new StatusError(401, "Unauthorized", "Unauthorized");
}

export function forbidden(user: string, verb: string, namespace: string, name: string): StatusError {
  const message = `secrets "${name}" is forbidden: User "${user}" cannot ${verb} resource "secrets" in API group "" in the namespace "${namespace}"`;
  return new StatusError(403, "Forbidden", message);
}

export function notFound(name: string): StatusError {
  return new StatusError(404, "NotFound", `secrets "${name}" not found`);
}

export function conflict(name: string, why: string): StatusError {
  return new StatusError(409, "Conflict", `Operation cannot be fulfilled on secrets "${name}": ${why}`);
}

export function invalid(
  kind: string,
  name: string,
  [field, message]: readonly [string, string],
): StatusError {
  return new StatusError(422, "Invalid", `${kind} "${name}" is invalid: ${field}: ${message}`, {
    causes: [{ reason: "FieldValueInvalid", message, field }],
  });
}

export function tooManyRequests(): StatusError {
  const message = "the server has received too many requests and has asked us to try again later";
  return new StatusError(429, "TooManyRequests", message, { retryAfterSeconds: 1 });
}
