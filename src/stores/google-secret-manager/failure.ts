/**
 * What Google's client threw, in few words. Its messages are never used: those of a failed request may quote it.
 * https://cloud.google.com/apis/design/errors
 */
import { z } from "zod";

export type Failure =
  /** Nothing was done: the platform said so, or was not reached. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: string | null }
  | { readonly kind: "denied"; readonly permission: string | null; readonly reason: string | null }
  | { readonly kind: "unauthenticated" }
  | { readonly kind: "missing" }
  | { readonly kind: "state" }
  | { readonly kind: "throttled" }
  | { readonly kind: "unreached"; readonly code: string }
  /** The credentials could not be had. */
  | { readonly kind: "no-credentials"; readonly passing: boolean }
  /** It may have been done. */
  | { readonly kind: "unanswered"; readonly code: string };

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const CODES: Readonly<Record<number, string>> = {
  1: "CANCELLED",
  2: "UNKNOWN",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
  6: "ALREADY_EXISTS",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  9: "FAILED_PRECONDITION",
  10: "ABORTED",
  11: "OUT_OF_RANGE",
  12: "UNIMPLEMENTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  15: "DATA_LOSS",
  16: "UNAUTHENTICATED",
};
const REFUSED = new Set(["INVALID_ARGUMENT", "ALREADY_EXISTS", "OUT_OF_RANGE", "UNIMPLEMENTED", "ABORTED"]);
/** Faults of connections that were never made. */
const UNREACHED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_\w+|\w*SELF_SIGNED\w*)$/;

const word = z.string().regex(/^[\w.-]{1,80}$/);
const Thrown = z.object({
  code: z.number(),
  reason: word.nullish().catch(null),
  errorInfoMetadata: z
    .object({ permission: word.nullish().catch(null) })
    .nullish()
    .catch(null),
  cause: z
    .object({
      code: z.unknown(),
      status: z.number().nullish().catch(null),
      config: z.object({ url: z.coerce.string() }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

/** @param host of the API: what fails at another one failed while credentials were sought */
export function failureOf(error: unknown, host: string): Failure {
  const thrown = Thrown.safeParse(error).data;
  if (!thrown) return { kind: "no-credentials", passing: false };
  const code = CODES[thrown.code] ?? "UNKNOWN";
  const { cause } = thrown;
  const asked = cause?.config && URL.parse(cause.config.url)?.host;
  if (asked && asked !== host)
    return { kind: "no-credentials", passing: !cause.status || cause.status >= 500 || cause.status === 429 };
  const reason = thrown.reason ?? null;
  if (code === "PERMISSION_DENIED")
    return { kind: "denied", permission: thrown.errorInfoMetadata?.permission ?? null, reason };
  if (code === "UNAUTHENTICATED") return { kind: "unauthenticated" };
  if (code === "NOT_FOUND") return { kind: "missing" };
  if (code === "FAILED_PRECONDITION") return { kind: "state" };
  if (code === "RESOURCE_EXHAUSTED") return { kind: "throttled" };
  if (REFUSED.has(code)) return { kind: "refused", code, reason };
  if (typeof cause?.code === "string" && UNREACHED.test(cause.code))
    return { kind: "unreached", code: cause.code };
  return { kind: "unanswered", code };
}
