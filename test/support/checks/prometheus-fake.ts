/**
 * A small Prometheus on the loopback, as strict as the HTTP API's documentation has it
 * (https://prometheus.io/docs/prometheus/latest/querying/api/): envelopes, statuses, and values as text.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type PrometheusData =
  | { readonly resultType: "scalar" | "string"; readonly result: readonly [number, string] }
  | { readonly resultType: "vector" | "matrix"; readonly result: readonly unknown[] };

/** `ms`, `s`, `m`, `h`, `d`, `w`, `y`, as a PromQL duration, or seconds. */
const DURATION = /^(\d+(\.\d+)?|(\d+(ms|[smhdwy]))+)$/;
const NAMES = new Set(["query", "time", "timeout", "limit", "lookback_delta"]);
const AT = 1_795_262_400.123;

export class PrometheusFake implements AsyncDisposable {
  /** By query; one that is missing here cannot be parsed. */
  readonly answers = new Map<string, PrometheusData>();
  /** Comes instead of any answer. */
  instead: ((response: ServerResponse) => void) | null = null;
  readonly token: string | null;
  readonly prefix: string;
  readonly asked: string[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor({ token, prefix }: FakeOptions) {
    this.token = token ?? null;
    this.prefix = prefix ?? "";
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async open(options: FakeOptions = {}): Promise<PrometheusFake> {
    const fake = new PrometheusFake(options);
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    fake.#port = (fake.#server.address() as AddressInfo).port;
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}${this.prefix}`;
  }

  gives(query: string, ...values: readonly string[]): void {
    const result = values.map((value, index) => ({ metric: { instance: `i-${index}` }, value: [AT, value] }));
    this.answers.set(query, { resultType: "vector", result });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://prometheus");
    this.asked.push(`${request.method} ${url.pathname}`);
    if (this.instead) return this.instead(response);
    // A proxy in front of it: Prometheus itself knows no tokens.
    if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`)
      return send(response, 401, "Unauthorized\n", "text/plain");
    if (url.pathname !== `${this.prefix}/api/v1/query`)
      return send(response, 404, "404 page not found\n", "text/plain");
    if (request.method !== "GET") return send(response, 405, "", "text/plain");
    const fault = faultOf(url.searchParams);
    if (fault !== null) return fail(response, 400, fault);
    const data = this.answers.get(url.searchParams.get("query") ?? "");
    if (!data)
      return fail(response, 400, 'invalid parameter "query": 1:1: parse error: unexpected end of input');
    const envelope = JSON.stringify({ status: "success", data });
    return send(response, 200, envelope, "application/json");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

type FakeOptions = { readonly token?: string; readonly prefix?: string };

function faultOf(parameters: URLSearchParams): string | null {
  for (const name of parameters.keys()) if (!NAMES.has(name)) return `unknown parameter "${name}"`;
  if (!parameters.get("query"))
    return 'invalid parameter "query": unknown position: parse error: no expression found in input';
  const timeout = parameters.get("timeout");
  return timeout !== null && !DURATION.test(timeout)
    ? `invalid parameter "timeout": cannot parse "${timeout}"`
    : null;
}

function fail(response: ServerResponse, status: number, error: string): void {
  send(
    response,
    status,
    JSON.stringify({ status: "error", errorType: "bad_data", error }),
    "application/json",
  );
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { "content-type": type }).end(body);
}
