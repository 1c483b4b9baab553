/**
 * What came of a call to the API server, in place of what the client throws: its errors carry whole answers, and so
 * perhaps secrets. Of an answer's message nothing is kept but who was refused and by which webhook.
 */
import { ApiException } from "@kubernetes/client-node";
import { z } from "zod";
import { CredentialsError, UnusableClusterError } from "./cluster.ts";

/** The API server's own words for what is wrong, as far as they can hold no secret. */
export type Refused = {
  readonly status: number;
  /** E.g. `Forbidden`; empty: it gave none. */
  readonly reason: string;
  /** The fields it found fault with. */
  readonly fields: readonly string[];
  /** Who was refused, where RBAC did it. */
  readonly user: string | null;
  /** The admission webhook or policy that refused, where one did. */
  readonly admission: string | null;
  /** Admission that cannot be tried without doing. */
  readonly noDryRun: boolean;
  readonly retryAfterMs: number | null;
  /** The id of the request in the audit log of the cluster. */
  readonly auditId: string | null;
};

export type Failure =
  | { readonly kind: "refused"; readonly answer: Refused }
  /** `sent`: the request may have arrived. */
  | { readonly kind: "no answer"; readonly code: string; readonly sent: boolean }
  | { readonly kind: "untrusted"; readonly code: string }
  | { readonly kind: "no credentials" }
  /** The files that say how to reach the cluster. Halves of one sentence. */
  | { readonly kind: "unusable"; readonly problem: string; readonly remedy: string }
  | { readonly kind: "unreadable" };

const Status = z.object({
  reason: z.string().max(100).catch(""),
  message: z.string().catch(""),
  details: z
    .object({ causes: z.array(z.object({ field: z.string().catch("") })).catch([]) })
    .catch({ causes: [] }),
});

/** Before the connection stands, nothing of a request has been sent. */
const UNSENT = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ApiException) return { kind: "refused", answer: refusedBy(thrown) };
  if (thrown instanceof CredentialsError) return { kind: "no credentials" };
  if (thrown instanceof UnusableClusterError) {
    const { problem, remedy } = thrown;
    return { kind: "unusable", problem, remedy };
  }
  if (thrown instanceof DOMException) return { kind: "no answer", code: "no answer in time", sent: true };
  const code = codeOf(thrown);
  if (code === null) return { kind: "unreadable" };
  if (/CERT|SSL|TLS|UNABLE_TO/.test(code)) return { kind: "untrusted", code };
  return { kind: "no answer", code, sent: !UNSENT.has(code) };
}

function refusedBy({ code, body, headers }: ApiException<unknown>): Refused {
  const { reason, message, details } = statusIn(body);
  return {
    status: code,
    reason: /^\w*$/.test(reason) ? reason : "",
    fields: details.causes.map(({ field }) => field).filter((field) => /^[\w.[\]/-]{1,300}$/.test(field)),
    user: /\bUser "([\w:.@/-]{1,300})" cannot /.exec(message)?.[1] ?? null,
    admission:
      /^admission webhook "([\w.-]{1,300})"/.exec(message)?.[1] ??
      /\bValidatingAdmissionPolicy '([\w.-]{1,300})'/.exec(message)?.[1] ??
      null,
    noDryRun: /^admission webhook "[\w.-]+" does not support dry run$/.test(message),
    retryAfterMs: retryAfter(headers["retry-after"]),
    auditId: /^[\w-]{1,64}$/.exec(headers["audit-id"] ?? "")?.[0] ?? null,
  };
}

/** The client leaves the text of an error as it is; what stands between it and the API server may answer anything. */
function statusIn(body: unknown): z.output<typeof Status> {
  try {
    return Status.parse(typeof body === "string" ? JSON.parse(body) : body);
  } catch {
    return Status.parse({});
  }
}

/** The API server gives whole seconds. */
function retryAfter(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

/** The system's code, which `fetch` hides below a general error; null: there is none. */
function codeOf(thrown: unknown): string | null {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if ("code" in error && typeof error.code === "string") return error.code;
  return thrown instanceof TypeError ? "the connection failed" : null;
}
