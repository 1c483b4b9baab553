/** One HTTP request with exactly these headers: a browser's client would not let a test set Host or Sec-Fetch-Site. */
import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";

export type Call = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a text, which is sent as it is. */
  readonly body?: unknown;
};

export type CallAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body read as JSON; throws if it is none. */
  json(): unknown;
};

export async function call(origin: string, path: string, options: Call = {}): Promise<CallAnswer> {
  const { method = "GET", headers = {}, body } = options;
  const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type = payload === body ? {} : { "content-type": "application/json" };
  const length = payload === undefined ? {} : { "content-length": `${Buffer.byteLength(payload)}` };
  // The path as it stands, not as URL would mend it.
  const { hostname, port } = new URL(origin);
  const sent = request({
    hostname,
    port,
    path,
    method,
    headers: { ...type, ...length, ...headers },
    agent: false,
  });
  sent.end(payload);
  const [answer] = await once(sent, "response");
  const answered = await text(answer);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answered,
    json: () => JSON.parse(answered),
  };
}
