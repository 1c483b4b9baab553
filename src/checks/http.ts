/** A probe: an address of the application that answers well as long as the application can do its work. */
import type { Check, CheckAnswer } from "../core/check.ts";
import type { Clock } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { exchange } from "../requests/exchange.ts";
import { type Resolve, systemResolve } from "../requests/lookup.ts";
import { unasked } from "./unasked.ts";

export type HttpOptions = Omit<Check, "look"> & {
  readonly url: string;
  readonly expectStatus: { readonly from: number; readonly to: number };
  /** null: it asks for none. */
  readonly token: Secret | null;
};

const DEADLINE_MS = 5_000;

/** The application, or what is in front of it, was there and did not do its work. Other faults may be our own. */
const BY_THE_APPLICATION = /^(DEADLINE|ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET|UND_ERR_CONNECT_TIMEOUT)$/;

/** @param net what tests replace */
export function httpCheck(
  options: HttpOptions,
  { clock }: { readonly clock: Clock },
  net: { readonly resolve?: Resolve; readonly deadlineMs?: number } = {},
): Check {
  const { url: address, expectStatus, token, ...common } = options;
  const { from, to } = expectStatus;
  const expected = from === to ? `${from}` : `${from} to ${to}`;
  const url = new URL(address);
  const headers = {
    "user-agent": "paddle-key-rotator",
    ...(token && { authorization: `Bearer ${token.reveal()}` }),
  };

  return {
    ...common,
    async look(): Promise<CheckAnswer> {
      const way = { rule: { allow: null }, resolve: net.resolve ?? systemResolve, clock };
      const deadlineMs = net.deadlineMs ?? DEADLINE_MS;
      const result = await exchange({ url, method: "GET", headers, body: null }, way, deadlineMs);
      if (result.kind === "answered") return judge(result.status);
      if (result.kind === "failed" && BY_THE_APPLICATION.test(result.fault))
        return { state: "bad", says: `It gave no answer (${result.fault}).` };
      return unasked(result, "url");
    },
  };

  function judge(status: number): CheckAnswer {
    if (status >= from && status <= to) return { state: "good", says: `It answered ${status}.` };
    // Somebody is asked too often: that says nothing about the secret.
    if (status === 429) return { state: "unknown", says: "It answered 429: look less often, with every." };
    const hint = status >= 300 && status < 400 ? "; redirects are not followed" : "";
    return { state: "bad", says: `It answered ${status} instead of ${expected}${hint}.` };
  }
}
