/**
 * One HTTP request and its whole answer. It always ends by its deadline, and it knows whether a byte of the request
 * can have left this machine. Redirects are answers like any other.
 */
import type { Agent, Dispatcher } from "undici";
import type { Clock } from "../../core/ports.ts";

export type Outgoing = {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Answered = {
  readonly kind: "answered";
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
};

export type Failed = {
  readonly kind: "failed";
  /** false: provably no byte of the request was sent, nor will be. */
  readonly sent: boolean;
  /** The fault's code, e.g. `ECONNREFUSED`; `DEADLINE`: our own. Never text from an answer. */
  readonly fault: string;
};

/** null: the answer has no such header. */
export function headerOf({ headers }: Answered, name: string): string | null {
  return headers[name]?.toString() ?? null;
}

/** Never rejects: whatever happens is a value. */
export function exchange(
  agent: Agent,
  clock: Clock,
  { url, ...outgoing }: Outgoing,
  timeoutMs: number,
): Promise<Answered | Failed> {
  const { promise, resolve } = Promise.withResolvers<Answered | Failed>();
  const over = new AbortController();
  const chunks: Buffer[] = [];
  let connection: Dispatcher.DispatchController | null = null;
  let sent = false;
  let status = 0;
  let headers: Headers = {};

  const end = (result: Answered | Failed) => {
    resolve(result);
    over.abort();
  };
  clock.sleep(timeoutMs, over.signal).then(
    () => {
      end({ kind: "failed", sent, fault: "DEADLINE" });
      connection?.abort(new Error("abandoned"));
    },
    () => {}, // The exchange was over before its deadline.
  );
  agent.dispatch(
    { ...outgoing, origin: url.origin, path: url.pathname + url.search },
    {
      onRequestStart(controller) {
        connection = controller;
        if (over.signal.aborted) controller.abort(new Error("abandoned"));
        else sent = true;
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        status = statusCode;
        headers = responseHeaders;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        end({ kind: "answered", status, headers, body: Buffer.concat(chunks).toString() });
      },
      onResponseError(_controller, error) {
        end({ kind: "failed", sent, fault: faultOf(error) });
      },
    },
  );
  return promise;
}

/** The error itself is dropped: a parser's error, for one, carries what it could not parse. */
function faultOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
