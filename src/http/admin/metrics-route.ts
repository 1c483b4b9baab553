/** `/metrics`: for Prometheus, behind the same sign-in as everything else. */
import type { FastifyInstance } from "fastify";
import { refuseOtherMethods } from "./refusal.ts";

/** What is measured, in the text format that `contentType` names. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

export function serveMetrics(app: FastifyInstance, scrape: Scrape): void {
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await scrape();
    return reply.header("content-type", contentType).send(text);
  });
  refuseOtherMethods(app, "/metrics", "GET");
}
