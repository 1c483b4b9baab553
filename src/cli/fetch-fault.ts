/** What kept the answer to a `fetch` away. */
import { isCertificateFault } from "../requests/exchange.ts";

/** Our own time limit. */
export const TIMEOUT = "TIMEOUT";
/** One of those that browsers refuse (fetch.spec.whatwg.org, "port blocking"), and so does `fetch`. */
export const BAD_PORT = "BAD PORT";

/** The fault's code, e.g. `ECONNREFUSED`, or one of the above. */
export function fetchFault(error: unknown): string {
  if (!(error instanceof Error)) return "NO ANSWER";
  if (error.name === "TimeoutError") return TIMEOUT;
  const { cause } = error;
  if (!(cause instanceof Error)) return "NO ANSWER";
  // It has no code.
  if (cause.message === "bad port") return BAD_PORT;
  return "code" in cause && typeof cause.code === "string" ? cause.code : "NO ANSWER";
}

/** What to do about a fault that isDistrust. @param host that was asked for */
export function trustRemedy(fault: string, host: string): string {
  if (fault === "CERT_HAS_EXPIRED") return "renew its certificate, and restart the service";
  return `name its authority in NODE_EXTRA_CA_CERTS; its certificate must be for ${host}`;
}

/** The server was reached, and its certificate is at fault; not so where it does not speak TLS at all. */
export function isDistrust(fault: string): boolean {
  return isCertificateFault(fault) && !fault.startsWith("ERR_SSL_");
}
