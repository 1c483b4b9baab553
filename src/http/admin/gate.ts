/** What must be true of a request before any route sees it, and what every answer carries. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isForeign, namesLoopback } from "./browser-guard.ts";
import { refuse } from "./refusal.ts";
import type { SignIn } from "./sign-in.ts";

/** An orchestrator asks these and has no credentials. Everything else is closed unless it is named here. */
const OPEN_ROUTES: ReadonlySet<string | undefined> = new Set(["/livez", "/readyz"]);

const CALLER = "caller";

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** @param signIn null: no credentials are configured, and the listener is on loopback */
export function keepGate(app: FastifyInstance, signIn: SignIn | null): void {
  app.decorateRequest(CALLER, "");
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(HEADERS);
    if (!signIn && !namesLoopback(request.headers.host)) return refuse(reply, 403, ONLY_LOOPBACK);
    if (isForeign(request.method, request.headers)) return refuse(reply, 403, FOREIGN);
    if (OPEN_ROUTES.has(request.routeOptions.url)) return;
    if (!signIn) return request.setDecorator(CALLER, "somebody on this machine");
    const caller = signIn.identify(request.headers.authorization);
    if (caller !== null) return request.setDecorator(CALLER, caller);
    void reply.header("www-authenticate", signIn.challenges);
    return refuse(reply, 401, `Sign in: ${signIn.hint}.`);
  });
}

/** Who sent a request that passed the gate, in words for logs. */
export function callerOf(request: FastifyRequest): string {
  return request.getDecorator<string>(CALLER);
}

const ONLY_LOOPBACK =
  "Without ADMIN_USER and ADMIN_PASSWORD, or ADMIN_TOKEN, only requests to localhost are answered. " +
  "Set them to use another host name.";
const FOREIGN = "A page of another site may link to this listener and do nothing else with it.";
