/** One HTTP request and its whole answer, by its deadline and within bounds. Redirects are answers like any other. */
import type { Clock } from "../core/ports.ts";
import type { AddressFault, AddressRule } from "./addresses.ts";
import { guardedConnect } from "./connect.ts";
import { RefusedAddress, type Resolve } from "./lookup.ts";
import { Agent, request } from "./undici.ts";

export type Outgoing = {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

export type Answered = {
  readonly kind: "answered";
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: string;
};

export type Failed = {
  readonly kind: "failed";
  /** false: provably no byte of the request was sent. */
  readonly sent: boolean;
  /** The fault's code, e.g. `ECONNREFUSED`; `DEADLINE`: our own. Never text from an answer. */
  readonly fault: string;
};

/** An address that is not connected to. */
export type Barred = { readonly kind: "barred"; readonly address: string; readonly fault: AddressFault };

export type Way = {
  readonly rule: Omit<AddressRule, "encrypted">;
  readonly resolve: Resolve;
  readonly clock: Clock;
};

const MAX_ANSWER_BYTES = 256 * 1024;

/** Faults before a connection is made. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/;
const BY_CERTIFICATE = /CERT|SELF_SIGNED|SIGNATURE|ISSUER|ERR_TLS|ERR_SSL|WRONG_VERSION/;

/** Never rejects: whatever happens is a value. */
export async function exchange(
  { url, ...outgoing }: Outgoing,
  { rule, resolve, clock }: Way,
  timeoutMs: number,
): Promise<Answered | Failed | Barred> {
  const agent = new Agent({
    maxResponseSize: MAX_ANSWER_BYTES,
    connect: guardedConnect({ timeoutMs, rule, resolve }),
  });
  const over = new AbortController();
  const overdue = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(
    () => overdue.abort(),
    () => {}, // The exchange was over before its deadline.
  );
  try {
    const answer = await request(agent, url, { ...outgoing, signal: overdue.signal });
    const body = await answer.body.text();
    const header = (name: string) => answer.headers[name]?.toString() ?? null;
    return { kind: "answered", status: answer.statusCode, header, body };
  } catch (error) {
    return overdue.signal.aborted ? { kind: "failed", sent: true, fault: "DEADLINE" } : failureOf(error);
  } finally {
    over.abort();
    await agent.destroy();
  }
}

/** The error itself is dropped: a parser's error, for one, carries what it could not parse. */
function failureOf(error: unknown): Failed | Barred {
  if (error instanceof RefusedAddress) return { kind: "barred", address: error.address, fault: error.fault };
  const fault = faultOf(error);
  return { kind: "failed", sent: !NOT_SENT.test(fault) && !isCertificateFault(fault), fault };
}

function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  // Several addresses were tried; what happened with the first stands for all.
  if (error instanceof AggregateError && error.errors.length > 0) return faultOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

export function isCertificateFault(fault: string): boolean {
  return BY_CERTIFICATE.test(fault);
}
