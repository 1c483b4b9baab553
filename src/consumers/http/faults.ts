/** What can be wrong with an application that is asked over HTTP, as errors that name it and the remedy. */
import type { ConsumerError } from "../../core/consumer.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import { quoted } from "../../core/quoted.ts";
import type { AddressFault } from "../../requests/addresses.ts";
import { type Answered, type Barred, type Failed, isCertificateFault } from "../../requests/exchange.ts";
import { retryAfterMs } from "./retry-after.ts";

export type Asked = {
  readonly consumer: string;
  /** Where the address is configured. */
  readonly field: "notify" | "verify";
  readonly url: URL;
};

/** Statuses below 500 that ask for another try. */
const MAY_PASS = new Set([408, 425, 429]);

/** An address as it may be shown: without its query, which may hold anything. */
export function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** @param inDoubt the application may have been told */
export function faultOf(
  asked: Asked,
  result: Answered | Failed | Barred,
  { now, inDoubt }: { readonly now: number; readonly inDoubt: boolean },
): ConsumerError {
  if (result.kind === "barred") return barred(asked, result);
  const later = inDoubt ? uncertainty : setback;
  const { consumer, field, url } = asked;
  if (result.kind === "answered") return answered(asked, result, { now, later });
  if (isCertificateFault(result.fault))
    return refusal(
      consumer,
      `does not prove who it is (${result.fault} from ${shown(url)})`,
      `give it a certificate for the name in ${field}, and this process the authority (NODE_EXTRA_CA_CERTS)`,
    );
  const problem = result.sent ? "gave no whole answer" : "cannot be reached";
  return later(
    consumer,
    `${problem} (${result.fault} from ${shown(url)})`,
    `see whether it runs, and check ${field}`,
  );
}

function answered(
  { consumer, field, url }: Asked,
  { status, header }: Answered,
  { now, later }: { readonly now: number; readonly later: typeof setback },
): ConsumerError {
  const problem = `answered ${status} (${shown(url)})`;
  if (status >= 500 || MAY_PASS.has(status))
    return later(consumer, problem, "look at its log", retryAfterMs(header("retry-after"), now));
  if (status >= 300 && status < 400) {
    const host = URL.parse(header("location") ?? "")?.host;
    const target = host === undefined ? "" : `, at ${quoted(host)}`;
    return refusal(
      consumer,
      `${problem}, and redirects are not followed`,
      `set ${field} to the address that it points to${target}`,
    );
  }
  if (status === 401 || status === 403) {
    const credential = field === "verify" ? "token" : "secret";
    return refusal(consumer, problem, `check ${credential}, here and at the application`);
  }
  return refusal(consumer, problem, `check ${field}, and look at its log`);
}

const WHY_BARRED: Readonly<Record<AddressFault, { readonly problem: string; readonly remedy: string }>> = {
  never: {
    problem: "which is no application's: cloud metadata, link-local, or no single machine",
    remedy: "give the application's own address",
  },
  "not-allowed": {
    problem: "which is in no network of allow",
    remedy: "give another address, or add its network to allow",
  },
  "plain-http-to-public": {
    problem: "which is public, and http:// is for this machine and private networks",
    remedy: "use https://",
  },
};

function barred({ consumer, url }: Asked, { address, fault }: Barred): ConsumerError {
  const { problem, remedy } = WHY_BARRED[fault];
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const where = host === address ? host : `${host} is ${address}`;
  return refusal(consumer, `was not asked, because ${where}, ${problem}`, remedy);
}
