/**
 * What may be shown of an error: in a job, which everybody with the dashboard reads, in the log and in an alert.
 * Our own messages are public by rule. Those of other people's code may quote what they were given, and that may be
 * a secret; of such an error only its class, its code and the place in the code are told. The last net is below all of
 * it: no secret that this process holds is in what comes out of here.
 */
import { ConfigError, RotatorError } from "./errors.ts";
import { hideLivingSecrets } from "./living-secrets.ts";

/** Messages of the queue's clients, of ioredis, pg and pg-pool, that quote nothing. */
const FIXED_MESSAGES: ReadonlySet<string> = new Set([
  "Client has encountered a connection error and is not queryable",
  "Command timed out",
  "Connection is closed.",
  "Connection terminated",
  "Connection terminated due to connection timeout",
  "Connection terminated unexpectedly",
  "Failed to refresh slots cache.",
  "Query read timeout",
  "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string",
  "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string",
  "The server does not support SSL connections",
  "There was an error establishing an SSL connection",
  "timeout exceeded when trying to connect",
  "timeout expired",
]);

/** What was made public once is not judged again. */
class PublicError extends Error {}

/** One line that says what went wrong. */
export function describeError(error: unknown): string {
  return hideLivingSecrets(describe(error));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${error === null ? "null" : typeof error}`;
  if (isOurs(error) || FIXED_MESSAGES.has(error.message)) return error.message;
  const code = codeOf(error);
  if (code !== null) return `${error.name} (${code})`;
  const place = framesOf(error)[0]?.match(/[^/\\(]+:\d+/)?.[0];
  return place === undefined ? error.name : `${error.name} in ${place}`;
}

function isOurs(error: Error): boolean {
  return error instanceof RotatorError || error instanceof ConfigError || error instanceof PublicError;
}

/** A copy that may be kept in a job and logged whole: it has the place in the code, and no cause. */
export function publicError(error: unknown): Error {
  if (error instanceof PublicError) return error;
  const copy = new PublicError(describeError(error));
  if (!(error instanceof Error)) return copy;
  copy.name = hideLivingSecrets(error.name);
  copy.stack = hideLivingSecrets([`${copy.name}: ${copy.message}`, ...framesOf(error)].join("\n"));
  return copy;
}

/** `ECONNREFUSED`, PostgreSQL's `57P03`, BullMQ's `-2`, or the word that a Redis error begins with. null: it has none. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ("code" in error && /^-?[\w.]{1,40}$/.test(String(error.code))) return String(error.code);
  if (error.name !== "ReplyError") return null;
  return /^[A-Z]{2,20}(?= )/.exec(error.message)?.[0] ?? null;
}

/** The lines below the message, whatever the message looks like. Where it was changed since, nobody knows where it ends. */
function framesOf({ stack = "", message }: Error): readonly string[] {
  const [name = ""] = /^[\w$.]+( \[\w+\])?(: )?/.exec(stack) ?? [];
  if (!`${stack}\n`.startsWith(`${name}${message}\n`)) return [];
  return stack
    .slice(name.length + message.length)
    .split("\n")
    .filter((line) => /^ {4}at /.test(line));
}
