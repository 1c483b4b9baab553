/**
 * Posts JSON to another service and turns anything but its yes into a ChannelError. It ends by its deadline, however
 * slowly the answer trickles. A redirect is no yes: what is sent is meant for the address that was configured.
 */
import type { Clock } from "../../core/ports.ts";
import { guardedConnect } from "../../requests/connect.ts";
import { RefusedAddress, type Resolve } from "../../requests/lookup.ts";
import { Agent, type Dispatcher, request } from "../../requests/undici.ts";
import { isDistrust, refusal, setback } from "./faults.ts";
import { retryAfterMs } from "./retry-after.ts";

const DEADLINE_MS = 10_000;
const CONNECT_MS = 5_000;
/** What services say of a refusal is shorter. */
const MOST_READ = 4_096;

/** What a connection that was never made is called: nothing was sent. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_SSL_.*)$/;
/** Statuses other than 5xx that may pass: a time-out, too early, too many. */
const PASSING = new Set([408, 425, 429]);

export type Posting = {
  /** The channel, for people. */
  readonly place: string;
  /** It may be a secret itself. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  /** What this service's refusals mean. `said`: the beginning of its answer; it is not for people. */
  readonly explain: (status: number, said: string) => Refusal;
  /** How long to wait after a 429 that does not say. */
  readonly quietMs?: number;
};

export type Refusal = { readonly problem: string; readonly remedy: string };

export type Post = (posting: Posting) => Promise<void>;

/** @param resolve what tests replace */
export function createPost(clock: Clock, resolve?: Resolve): Post {
  const agent = new Agent({
    // Alerts are rare: a connection that is kept would mostly be dead by the next one.
    pipelining: 0,
    connect: guardedConnect({ timeoutMs: CONNECT_MS, ...(resolve && { resolve }) }),
  });
  return async ({ place, url, headers, body, explain, quietMs }) => {
    const over = new AbortController();
    const late = clock.sleep(DEADLINE_MS, over.signal).then(
      () => over.abort(new Late()),
      () => {}, // It was over before its deadline.
    );
    try {
      const answer = await request(agent, new URL(url), {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "paddle-key-rotator", ...headers },
        body,
        signal: over.signal,
      }).catch((error: unknown) => {
        throw unanswered(place, error);
      });
      const { statusCode: status } = answer;
      if (status >= 200 && status < 300) return discard(answer.body);
      const said = await beginning(answer.body);
      const header = answer.headers["retry-after"]?.toString() ?? null;
      const waitMs = retryAfterMs(header, clock.now()) ?? (status === 429 ? (quietMs ?? null) : null);
      throw refused(place, status, explain(status, said), waitMs);
    } finally {
      over.abort();
      await late;
    }
  };
}

class Late extends Error {}

type Body = Dispatcher.ResponseData["body"];

/** A yes needs no more words; what comes after it is not awaited. */
function discard(body: Body): void {
  body.on("error", () => {}).destroy();
}

/** Never rejects: the status says what is to be known. */
async function beginning(body: Body): Promise<string> {
  let said = "";
  try {
    for await (const chunk of body) {
      said += String(chunk);
      if (said.length >= MOST_READ) break;
    }
  } catch {
    // The answer broke off, or came too slowly.
  }
  return said.slice(0, MOST_READ);
}

function refused(place: string, status: number, { problem, remedy }: Refusal, waitMs: number | null) {
  if (status >= 300 && status < 400)
    return refusal(
      place,
      `answered ${status} and points elsewhere`,
      "redirects are not followed; configure the address that it leads to",
    );
  if (status >= 500)
    return setback(place, `answered ${status}`, "wait, or look at the service's own status page", {
      effect: "unknown",
      retryAfterMs: waitMs,
    });
  if (PASSING.has(status))
    return setback(place, `answered ${status}`, "it wants fewer messages, or later ones; wait", {
      effect: "none",
      retryAfterMs: waitMs,
    });
  return refusal(place, `answered ${status}: ${problem}`, remedy);
}

function unanswered(place: string, error: unknown) {
  if (error instanceof RefusedAddress)
    return refusal(place, `was not asked, because ${error.message}`, "give another address");
  const fault = faultOf(error);
  if (isDistrust(fault))
    return refusal(
      place,
      `has a certificate that is not trusted (${fault})`,
      "mend it, or name its authority in NODE_EXTRA_CA_CERTS",
    );
  if (NOT_CONNECTED.test(fault))
    return setback(place, `cannot be reached (${fault})`, "check the address, DNS, firewall and proxy", {
      effect: "none",
    });
  return setback(place, `gave no answer (${fault})`, "it may have taken the alert; it is sent again", {
    effect: "unknown",
  });
}

/** The error itself is dropped: it may carry the request. */
function faultOf(error: unknown): string {
  if (error instanceof Late) return `none within ${DEADLINE_MS / 1000} s`;
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
