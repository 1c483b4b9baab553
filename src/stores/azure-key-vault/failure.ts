/** What a key vault, or the way to it, answered instead of what was asked: codes, and nothing that could be a secret. */
import { isRestError, type SecretClientOptions } from "@azure/keyvault-secrets";
import { z } from "zod";
import { NoToken } from "./tokens.ts";

export type Failure =
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string;
      /** Azure's second, finer code. */
      readonly inner: string | null;
      /** The permission that Azure names as missing. */
      readonly permission: string | null;
      readonly requestId: string | null;
      readonly retryAfterMs: number | null;
    }
  /** `reached`: whether the vault may have got the request. */
  | { readonly kind: "unanswered"; readonly code: string; readonly reached: boolean }
  | { readonly kind: "no-token"; readonly code: string; readonly final: boolean };

/** The client's errors do not keep what was answered to a listing; so it is kept here, by request. */
const answers = new WeakMap<object, string>();

/** To be added to every client whose errors are read here. */
export const KEEPS_REFUSALS: NonNullable<SecretClientOptions["additionalPolicies"]> = [
  {
    position: "perCall",
    policy: {
      name: "keepsRefusals",
      sendRequest: async (request, next) => {
        const response = await next(request);
        if (response.status >= 400) answers.set(request, response.bodyAsText ?? "");
        return response;
      },
    },
  },
];

const code = z.string().regex(/^[A-Za-z][\w-]{0,63}$/);
const Answer = z.object({
  error: z.object({
    code: code.catch("no code"),
    message: z.string().catch(""),
    innererror: z.object({ code }).nullish().catch(null),
  }),
});

/** Before the request has left this machine. */
const NOT_SENT = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

export function failureOf(error: unknown): Failure {
  if (error instanceof NoToken) return { kind: "no-token", code: error.code, final: error.final };
  if (!isRestError(error) || error.statusCode === undefined) return unanswered(error);
  const headers = error.response?.headers;
  const { success, data } = Answer.safeParse(parseJson((error.request && answers.get(error.request)) ?? ""));
  const answer = success ? data.error : { code: "no code", message: "", innererror: null };
  return {
    kind: "refused",
    status: error.statusCode,
    code: answer.code,
    inner: answer.innererror?.code ?? null,
    permission: permissionIn(answer.message),
    requestId: requestIdIn(headers?.get("x-ms-request-id")),
    retryAfterMs: seconds(headers?.get("retry-after")),
  };
}

/** What people look for in logs and in Azure's documentation. */
export function nameOf(failure: Failure): string {
  if (failure.kind !== "refused") return failure.code;
  const { status, inner, requestId } = failure;
  return `${status} ${inner ?? failure.code}${requestId === null ? "" : `, request ${requestId}`}`;
}

function unanswered(error: unknown): Failure {
  const { success, data } = z.object({ code }).safeParse(error);
  if (success) return { kind: "unanswered", code: data.code, reached: !NOT_SENT.has(data.code) };
  const named = z.object({ name: code }).safeParse(error);
  return { kind: "unanswered", code: named.success ? named.data.name : "Error", reached: true };
}

/** In the words of either permission model. */
function permissionIn(message: string): string | null {
  const [, action] = /Action: '(Microsoft\.KeyVault\/[\w/]{1,80})'/.exec(message) ?? [];
  if (action !== undefined) return action;
  const [, permission] = /does not have (secrets [a-z]{1,20} permission)/.exec(message) ?? [];
  return permission ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function requestIdIn(id: string | undefined): string | null {
  return id !== undefined && /^[\w-]{1,64}$/.test(id) ? id : null;
}

/** The other form of RFC 9110, a date, is taken for no word at all: the pause between two tries will do. */
function seconds(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
