/** The running service, as commands reach it: through its admin listener, with the credentials of the configuration. */
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { ServiceRefusal } from "./answer.ts";
import { BAD_PORT, fetchFault, isDistrust, TIMEOUT, trustRemedy } from "./fetch-fault.ts";
import { listenerAddress, type Listening, reachedHost } from "./listener-address.ts";

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
  const answer = await fetch(listenerAddress(config.adminListener) + path, {
    method,
    headers: { ...signIn(config), ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(whyUnreached(fetchFault(cause), config.adminListener), { cause });
  });
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok) return content;
  const problem = Problem.safeParse(content);
  const why = problem.success ? (problem.data.detail ?? problem.data.title) : "no reason was given";
  throw new ServiceRefusal(`the service answered ${answer.status}: ${why}`, content);
}

/** What a person reads in the place of an answer, with the next thing to do. @param fault as fetchFault names it */
export function whyUnreached(fault: string, listener: Listening): string {
  const address = listenerAddress(listener);
  const service = `the service at ${address}`;
  if (fault === TIMEOUT)
    return `${service} did not answer within ${TIMEOUT_MS / 1_000} s: look at its log, and at the queue's server`;
  if (fault === BAD_PORT)
    return `browsers refuse the port ${listener.port}, and so do these commands: set another ADMIN_PORT, here and for the service`;
  if (isDistrust(fault))
    return `${service} does not prove who it is (${fault}): ${trustRemedy(fault, reachedHost(listener))}`;
  return `the service does not answer at ${address} (${fault}): is it running, and are ADMIN_PORT and listeners.admin.tls the same here?`;
}

function signIn({ adminListener: { token, user } }: Config): Record<string, string> {
  if (token) return { authorization: `Bearer ${token.reveal()}` };
  if (!user) return {};
  const pair = Buffer.from(`${user.name}:${user.password.reveal()}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}
