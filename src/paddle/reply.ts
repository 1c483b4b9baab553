/**
 * A whole answer, and what can be learnt from it. Its JSON may hold a new secret: it is never logged, never put
 * into an error and never kept. What is quoted from it is checked or cleaned here first.
 */
import { z } from "zod";
import type { Secret } from "../core/secret.ts";
import { hideSecrets, quotable } from "./hide-secrets.ts";

export type Reply = {
  readonly status: number;
  /** undefined: the body is not JSON. */
  readonly json: unknown;
  readonly requestId: string | null;
};

// Paddle: API reference, About, Success responses. `meta` may be missing: the rate limit's example has none.
const Meta = z.object({ meta: z.object({ request_id: z.string().regex(/^[\w-]{8,47}$/) }) });

// Paddle: API reference, About, Errors. `type` tells Paddle's errors from those of other gateways.
const ErrorBody = z.object({
  error: z.object({
    type: z.string(),
    code: z.string().regex(/^[a-z][a-z\d_]{0,46}$/),
    detail: z.string().catch(""),
    errors: z.array(z.object({ field: z.string(), message: z.string().catch("") })).catch([]),
  }),
});

const MAX_FIELDS = 10;

/** @param sent the secret that the request carried; it is hidden wherever Paddle echoes it */
export function readReply(status: number, body: string, sent: Secret | null): Reply {
  const json = parse(body);
  const meta = Meta.safeParse(json);
  const requestId = meta.success ? meta.data.meta.request_id : null;
  return { status, json, requestId: requestId && hideSecrets(requestId, sent) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export type Problem = {
  readonly code: string;
  /** One clean line; empty: none. */
  readonly detail: string;
  readonly fields: readonly string[];
  /** What is wrong with each of them, one clean line. */
  readonly faults: readonly string[];
};

/** What Paddle says is wrong; null: the body is not one of Paddle's errors. */
export function readProblem(reply: Reply, sent: Secret | null): Problem | null {
  const parsed = ErrorBody.safeParse(reply.json);
  if (!parsed.success) return null;
  const { code, detail, errors } = parsed.data.error;
  const named = errors.slice(0, MAX_FIELDS);
  return {
    code: hideSecrets(code, sent),
    detail: quotable(detail, sent),
    fields: named.map(({ field }) => quotable(field, sent)),
    faults: named.map(({ field, message }) => quotable(`${field}: ${message}`, sent)),
  };
}

/** The answer's content, or the paths of the fields that are missing or malformed (none: it is not JSON). */
export function readContent<T>(
  reply: Reply,
  schema: z.ZodType<T>,
): { readonly content: T } | { readonly faults: readonly string[] } {
  if (reply.json === undefined) return { faults: [] };
  const parsed = schema.safeParse(reply.json);
  if (parsed.success) return { content: parsed.data };
  // A path is made of the schema's own names and of positions, so nothing of the answer is in it.
  return { faults: parsed.error.issues.slice(0, MAX_FIELDS).map(({ path }) => path.join(".") || "body") };
}
