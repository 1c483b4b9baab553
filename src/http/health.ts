/**
 * `GET /livez`: this process serves requests; it asks nobody else, so that an orchestrator does not restart a
 * healthy process because the queue is down. `GET /readyz`: 200 while work can be taken, else 503.
 */
import type { FastifyInstance } from "fastify";
import { shareQuestion } from "../core/share-question.ts";

export type Readiness = () => Promise<{ ready: boolean; checks: Readonly<Record<string, string>> }>;

/**
 * `checks-on-request`: `/readyz?verbose` names each check and its result.
 * `verdict-only`: never, for a listener that strangers reach.
 */
export type HealthDetail = "checks-on-request" | "verdict-only";

export function serveHealth(
  app: FastifyInstance,
  readiness: Readiness,
  detail: HealthDetail = "checks-on-request",
): void {
  const ask = shareQuestion(readiness);
  app.get("/livez", async (_request, reply) => {
    void reply.header("cache-control", "no-store");
    return { live: true };
  });

  app.get<{ Querystring: { verbose?: string } }>("/readyz", async (request, reply) => {
    const { ready, checks } = await ask();
    const showChecks = detail === "checks-on-request" && request.query.verbose !== undefined;
    void reply.code(ready ? 200 : 503).header("cache-control", "no-store");
    return { ready, ...(showChecks && { checks }) };
  });
}
