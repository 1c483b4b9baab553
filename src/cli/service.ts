/** The running service, as commands reach it: through its admin listener, with the credentials of the configuration. */
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { ServiceRefusal } from "./answer.ts";

/** Longer than the service takes to answer, whatever its neighbours do. */
const TIMEOUT_MS = 20_000;

const Problem = z.object({ title: z.string(), detail: z.string().optional() });

/** One request. Throws ServiceRefusal if the service refuses, Error if it cannot be reached. */
export async function askService(
  config: Config,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { host, port, tls } = config.adminListener;
  const address = `${tls ? "https" : "http"}://${urlHost(host)}:${port}`;
  const answer = await fetch(address + path, {
    method,
    headers: { ...signIn(config), ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    const message = `the service does not answer at ${address}: is it running, and is ADMIN_PORT the same here?`;
    throw new Error(message, { cause });
  });
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok) return content;
  const problem = Problem.safeParse(content);
  const why = problem.success ? (problem.data.detail ?? problem.data.title) : "no reason was given";
  throw new ServiceRefusal(`the service answered ${answer.status}: ${why}`, content);
}

/** A listener on every address is reached on this machine's own. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function signIn({ adminListener: { token, user } }: Config): Record<string, string> {
  if (token) return { authorization: `Bearer ${token.reveal()}` };
  if (!user) return {};
  const pair = Buffer.from(`${user.name}:${user.password.reveal()}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}
