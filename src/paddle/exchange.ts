/**
 * One HTTP request and its whole answer. It always ends by its deadline, however slowly the answer trickles,
 * and it knows whether a byte of the request can have left this machine. Redirects are answers like any other.
 */
import type { Agent, Dispatcher } from "undici";
import type { Clock } from "../core/ports.ts";

export type Outgoing = {
  readonly origin: string;
  readonly path: string;
  readonly method: "GET" | "POST" | "PATCH";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

export type Rules = {
  /** For everything from opening a connection to the answer's last byte. */
  readonly timeoutMs: number;
  /** Asked at the last moment, when a connection is ready and nothing has been written to it. */
  readonly mayStart: () => boolean;
  /** Told of a 429 as soon as it begins to arrive, before another request can use the connection. */
  readonly onRateLimit: (retryAfter: string | null) => void;
};

export type Answered = {
  readonly kind: "answered";
  readonly status: number;
  readonly body: string;
  readonly tookMs: number;
  /** Headers about rate limits, by their names in lower case, where there are any. */
  readonly limits?: Readonly<Record<string, string>>;
};
export type Failed = {
  readonly kind: "failed";
  /** false: provably no byte of the request was sent, nor will be. */
  readonly sent: boolean;
  /** The connection broke before the first byte of an answer. */
  readonly reset: boolean;
  /** The fault's code, e.g. `ECONNREFUSED`; `DEADLINE`: our own. Never text from an answer. */
  readonly fault: string;
  readonly tookMs: number;
};
/** `mayStart` said no: nothing was sent. */
export type Held = { readonly kind: "held" };

/** What a connection that breaks is called: by the system, and by undici where the other side closes it. */
const RESET = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Never rejects: whatever happens is a value. */
export function exchange(
  agent: Agent,
  clock: Clock,
  outgoing: Outgoing,
  rules: Rules,
): Promise<Answered | Failed | Held> {
  const { promise, resolve } = Promise.withResolvers<Answered | Failed | Held>();
  const over = new AbortController();
  const chunks: Buffer[] = [];
  const startedAt = clock.now();
  let connection: Dispatcher.DispatchController | null = null;
  let sent = false;
  let status = 0;
  let limits: Pick<Answered, "limits"> = {};

  const tookMs = () => clock.now() - startedAt;
  const end = (result: Answered | Failed | Held) => {
    resolve(result);
    over.abort();
  };
  const abandon = (result: Failed | Held) => {
    end(result);
    connection?.abort(new Error("abandoned"));
  };

  clock.sleep(rules.timeoutMs, over.signal).then(
    () => abandon({ kind: "failed", sent, reset: false, fault: "DEADLINE", tookMs: tookMs() }),
    () => {}, // The exchange was over before its deadline.
  );
  agent.dispatch(
    { ...outgoing },
    {
      onRequestStart(controller) {
        connection = controller;
        if (over.signal.aborted) controller.abort(new Error("abandoned"));
        else if (!rules.mayStart()) abandon({ kind: "held" });
        else sent = true;
      },
      onResponseStart(_controller, statusCode, headers) {
        // Called for an interim answer (1xx) too; the final one comes after it and takes its place.
        status = statusCode;
        limits = limitsIn(headers);
        const header = headers["retry-after"];
        if (status === 429) rules.onRateLimit(typeof header === "string" ? header : null);
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        const body = new TextDecoder().decode(Buffer.concat(chunks));
        end({ kind: "answered", status, body, tookMs: tookMs(), ...limits });
      },
      onResponseError(_controller, error) {
        const fault = faultOf(error);
        const reset = sent && status === 0 && RESET.has(fault);
        end({ kind: "failed", sent, reset, fault, tookMs: tookMs() });
      },
    },
  );
  return promise;
}

/** The error itself is dropped: a parser's error, for one, carries what it could not parse. */
function faultOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

function limitsIn(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Pick<Answered, "limits"> {
  const found = Object.entries(headers).filter(([name]) => /rate-?limit|^retry-after$/i.test(name));
  if (found.length === 0) return {};
  return { limits: Object.fromEntries(found.map(([name, value]) => [name.toLowerCase(), String(value)])) };
}
