/**
 * Bull Board under `/queues`, to look and not to touch: acting goes through routes of our own, which know what
 * may be done to a key. Nothing it shows comes from another host, and of a job only the fields that we know.
 */
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { Queue } from "bullmq";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { keepLocal } from "./dashboard-page.ts";
import { showData, showReturnValue } from "./job-view.ts";
import { refuseMethod } from "../refusal.ts";

const BASE = "/queues";
const READING = ["GET", "HEAD"];

const ABOUT: Readonly<Record<string, { displayName: string; description: string }>> = {
  rotations: {
    displayName: "Rotations",
    description: "Graceful rotations: the old secret lives on for its grace.",
  },
  emergencies: {
    displayName: "Emergencies",
    description: "Exposed, expired and revoked keys. Never waits behind rotations.",
  },
  alerts: { displayName: "Alerts", description: "One job for each alert and channel." },
};

/** The page of one job. */
export function jobPage(queue: string, jobId: string): string {
  return `${BASE}/queue/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`;
}

export function serveDashboard(app: FastifyInstance, queues: readonly Queue[], log: Logger): void {
  const board = new FastifyAdapter().setBasePath(BASE);
  createBullBoard({
    queues: queues.map(readOnly),
    serverAdapter: board,
    options: {
      uiConfig: { boardTitle: "Paddle key rotator", hideRedisDetails: true, hideDocsLink: true },
    },
  });
  board.setErrorHandler((error) => {
    log.error({ err: error }, "dashboard request failed");
    return { status: 500, body: { error: { key: "ERRORS.INTERNAL_SERVER_ERROR" } } };
  });
  void app.register(
    async (scope) => {
      // The second net under readOnlyMode, which answers 200 to some writes and leaves new ones to its authors.
      scope.addHook("onRequest", async (request, reply) => {
        void reply.header("content-security-policy", CONTENT_SECURITY_POLICY);
        return READING.includes(request.method) ? undefined : refuseMethod(reply, READING);
      });
      scope.addHook("onSend", async (_request, reply, payload) =>
        typeof payload === "string" && isHtml(reply.getHeader("content-type")) ? keepLocal(payload) : payload,
      );
      await scope.register(board.registerPlugin());
    },
    { prefix: BASE },
  );
}

function readOnly(queue: Queue): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { ...ABOUT[queue.name], readOnlyMode: true });
  adapter.setFormatter("data", showData);
  adapter.setFormatter("returnValue", showReturnValue);
  return adapter;
}

function isHtml(contentType: unknown): boolean {
  return typeof contentType === "string" && contentType.startsWith("text/html");
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  // The page finds its files by <base>.
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
