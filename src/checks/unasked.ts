/** What is said where a check could not ask. No address is in it: its query may hold a token. */
import type { CheckAnswer } from "../core/check.ts";
import { type Barred, type Failed, isCertificateFault } from "../requests/exchange.ts";

/** @param field where the address is configured */
export function unasked(result: Failed | Barred, field: string): CheckAnswer {
  if (result.kind === "barred")
    return unknown(`It was not asked, because ${WHY[result.fault]}; check ${field}`);
  if (isCertificateFault(result.fault))
    return unknown(
      `It does not prove who it is (${result.fault}); check ${field}, or name the authority in NODE_EXTRA_CA_CERTS`,
    );
  return unknown(`It cannot be asked (${result.fault}); check ${field}, and the network in between`);
}

export function unknown(says: string): CheckAnswer {
  return { state: "unknown", says: `${says}.` };
}

const WHY: Readonly<Record<Barred["fault"], string>> = {
  never: "its address is cloud metadata, link-local, or no single machine",
  "not-allowed": "its address is not allowed",
  "plain-http-to-public": "its address is public, and http:// is for this machine and private networks",
};
