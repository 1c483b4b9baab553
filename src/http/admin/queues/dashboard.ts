/**
 * Bull Board under `/queues`, to look and not to touch: acting goes through routes of our own, which know what
 * may be done to a key. Nothing it shows comes from another host, and of a job only the fields that we know.
 */
import type { Queue } from "bullmq";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { refuseMethod } from "../refusal.ts";

const BASE = "/queues";
const READING = ["GET", "HEAD"];
/** Job ids are made of an intent's or an alert's id, which may hold a key id and an event id. */
export const PATH_PART_LIMIT = 300;

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
  let board: Promise<FastifyInstance> | null = null;
  const open = async () => {
    const { openBoard } = await import("./board.ts");
    return openBoard({ base: BASE, queues, log, keyNames, pathPartLimit: PATH_PART_LIMIT });
  };
  const opened = () =>
    (board ??= open().catch((error: unknown) => {
      board = null; // The next request tries again.
      throw error;
    }));

  void app.register(async (scope) => {
    // The second net under readOnlyMode, which answers 200 to some writes and leaves new ones to its authors.
    scope.addHook("onRequest", async (request, reply) => {
      void reply.header("content-security-policy", CONTENT_SECURITY_POLICY);
      return READING.includes(request.method) ? undefined : refuseMethod(reply, READING);
    });
    scope.addHook("onClose", async () => {
      await (await board?.catch(() => null))?.close();
    });
    for (const url of [BASE, `${BASE}/*`])
      scope.all(url, async (request, reply) => handOver(request, reply, await opened()));
  });
}

async function handOver(
  { method, raw: { url = BASE }, headers }: FastifyRequest,
  reply: FastifyReply,
  board: FastifyInstance,
): Promise<FastifyReply> {
  const answer = await board.inject({ method: method === "HEAD" ? "HEAD" : "GET", url, headers });
  // What is said about this connection says the listener itself.
  const { connection: _ofBoard, date: _now, "transfer-encoding": _sentAs, ...said } = answer.headers;
  void reply.code(answer.statusCode).headers(said);
  return answer.rawPayload.length > 0 ? reply.send(answer.rawPayload) : reply.send();
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
