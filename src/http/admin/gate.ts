/** What must be true of a request before any route sees it, and what every answer carries. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Admission } from "./admission.ts";
import { isForeign, namesLoopback } from "./browser-guard.ts";
import { refuse } from "./refusal.ts";
import type { Caller } from "./caller.ts";

/** An orchestrator asks these and has no credentials. Everything else is closed unless it is named here. */
const OPEN_ROUTES: ReadonlySet<string | undefined> = new Set(["/livez", "/readyz"]);

const CALLER = "caller";

/** For browsers, on every answer. */
export const STRICT_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** @param url where people reach the listener; null: not said */
export function keepGate(app: FastifyInstance, admission: Admission, url: string | null): void {
  app.decorateRequest(CALLER, null);
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(STRICT_HEADERS);
    if (!admission.asksForSignIn && !namesLoopback(request.headers.host))
      return refuse(reply, 403, ONLY_LOOPBACK);
    if (isForeign(request.method, request.headers, url)) return refuse(reply, 403, FOREIGN);
    if (OPEN_ROUTES.has(request.routeOptions.url)) return;
    const caller = admission.admit(request.raw);
    if ("status" in caller) return refuse(reply.headers(caller.headers), caller.status, caller.detail);
    if (caller.role === "viewer" && !READING.has(request.method)) return refuse(reply, 403, ONLY_LOOKING);
    request.setDecorator(CALLER, caller);
  });
}

/** Who sent a request that passed the gate, in words for logs. */
export function callerOf(request: FastifyRequest): string {
  return request.getDecorator<Caller>(CALLER).name;
}

/** Whether they may change anything. The gate keeps those who may not from all but reading. */
export function mayAct(request: FastifyRequest): boolean {
  return request.getDecorator<Caller>(CALLER).role === "operator";
}

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

const ONLY_LOOPBACK =
  "Without ADMIN_USER and ADMIN_PASSWORD, or ADMIN_TOKEN, only requests to localhost are answered. " +
  "Set them to use another host name.";
const ONLY_LOOKING = "You may look and not act: that takes an operator's credentials.";
const FOREIGN = "A page of another site may link to this listener and do nothing else with it.";
