/** Asks the simulator over real HTTP, as any client would. */
import type { PaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { parseAnswer, type Parsed } from "../../unit/paddle-simulator/parsed.ts";

export type AskOptions = {
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

/** @param what method and path, e.g. `GET /api-keys` */
export async function ask(
  paddle: PaddleSimulator,
  what: string,
  { secret, headers = {}, body, signal }: AskOptions = {},
): Promise<Parsed> {
  const [method = "", path = ""] = what.split(" ");
  const response = await fetch(paddle.url + path, {
    method,
    headers: {
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  return parseAnswer(response.status, Object.fromEntries(response.headers), await response.text());
}
