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
import { hideLivingSecrets } from "../../../core/living-secrets.ts";
import { refuseMethod } from "../refusal.ts";
import { keepLocal } from "./dashboard-page.ts";
import { keyNameIn, showData, showProgress, showReturnValue } from "./job-view.ts";

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
  upkeep: {
    displayName: "Upkeep",
    description:
      "The sweep, which finds what no webhook told of, and looks into single events. Kills no key.",
  },
};

/** The page of one job. */
export function jobPage(queue: string, jobId: string): string {
  return `${BASE}/queue/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`;
}

/** @param keyNames the configured names: those that have a page of their own */
export function serveDashboard(
  app: FastifyInstance,
  queues: readonly Queue[],
  log: Logger,
  keyNames: readonly string[] = [],
): void {
  const board = new FastifyAdapter().setBasePath(BASE);
  const names = new Set(keyNames);
  createBullBoard({
    queues: queues.map((queue) => readOnly(queue, names)),
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
      scope.addHook("onSend", async (_request, reply, payload) => {
        if (typeof payload !== "string") return payload;
        if (isHtml(reply.getHeader("content-type"))) return keepLocal(payload);
        // The last net: log lines, options, reasons and stacks of failures have no formatter.
        return hideLivingSecrets(payload);
      });
      await scope.register(board.registerPlugin());
    },
    { prefix: BASE },
  );
}

function readOnly(queue: Queue, names: ReadonlySet<string>): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    ...ABOUT[queue.name],
    readOnlyMode: true,
    externalJobUrl: ({ data }) => keyLink(keyNameIn(data), names),
  });
  adapter.setFormatter("data", showData);
  adapter.setFormatter("returnValue", showReturnValue);
  adapter.setFormatter("progress", showProgress);
  return adapter;
}

/** To the key's page, or that of the key it stands by for; else to all keys. */
function keyLink(keyName: string | null, names: ReadonlySet<string>) {
  const name = [keyName, keyName?.replace(/-standby$/, "")].find((known) => known && names.has(known));
  return name
    ? { displayText: `Key ${name}`, href: `/keys/${encodeURIComponent(name)}` }
    : { displayText: "Keys", href: "/" };
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
