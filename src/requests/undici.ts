/**
 * What we use of undici, by its files. Its index also loads a browser's fetch, WebSockets, caches and mocks: 8 MB that
 * every process would hold, and most of the time that undici takes at start. A test compares this with the index.
 */
import { createRequire } from "node:module";
import type * as undici from "undici";

export type Agent = undici.Agent;
export type { Dispatcher } from "undici";

type Options = Omit<undici.Dispatcher.RequestOptions, "origin" | "path">;
type Request = (
  this: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
) => Promise<undici.Dispatcher.ResponseData>;

const load = createRequire(import.meta.url);

export const Agent: typeof undici.Agent = load("undici/lib/dispatcher/agent.js");
export const buildConnector: typeof undici.buildConnector = load("undici/lib/core/connect.js");
const ask: Request = load("undici/lib/api/api-request.js");

/** Resolves once the head of the answer is there. Whoever asks reads the body, or lets go of it. */
export function request(agent: Agent, url: URL, options: Options): Promise<undici.Dispatcher.ResponseData> {
  return ask.call(agent, { ...options, origin: url.origin, path: url.pathname + url.search });
}
