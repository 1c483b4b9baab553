/** Asks an address from the configuration for nothing but its status. */
import { guardedConnect } from "./connect.ts";
import type { Resolve } from "./lookup.ts";
import { Agent, request } from "./undici.ts";

const CONNECT_MS = 3_000;
const MOST_READ = 16 * 1024;

/** Follows no redirect. Throws if there is no answer, or if nothing may be sent there. */
export function guardedGet(resolve?: Resolve) {
  return async (url: string, { signal }: { readonly signal: AbortSignal }) => {
    const agent = new Agent({
      connect: guardedConnect({ timeoutMs: CONNECT_MS, ...(resolve && { resolve }) }),
    });
    try {
      const headers = { "user-agent": "paddle-key-rotator" };
      const { statusCode, body } = await request(agent, new URL(url), { method: "GET", headers, signal });
      await body.dump({ limit: MOST_READ, signal });
      return { status: statusCode, body: null };
    } finally {
      await agent.destroy();
    }
  };
}
