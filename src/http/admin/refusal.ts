/** Requests that are not served: every refusal is a problem with the status in words and our own text as detail. */
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "pino";
import { sendProblem, statusTitle } from "../problem.ts";

const RETRY_AFTER_SECONDS = 5;

/** Answers with a problem. A 503 also says when to ask again. */
export function refuse(reply: FastifyReply, status: number, detail?: string): FastifyReply {
  if (status === 503) void reply.header("retry-after", RETRY_AFTER_SECONDS);
  return sendProblem(reply, status, statusTitle(status), detail);
}

/** Turns what routes throw, and requests for what is not there, into problems. */
export function refuseFaults(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((_request, reply) =>
    refuse(
      reply,
      404,
      "Nothing is served here. The keys are at /, the queues at /queues, the API is described at /api/openapi.json.",
    ),
  );
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return refuse(reply, status, REMEDIES[status]);
    const { id: requestId, method, routeOptions } = request;
    log.error({ err: error, requestId, method, url: routeOptions.url }, "request failed");
    return refuse(
      reply,
      status,
      REMEDIES[status] ?? `The rotator's log says why, under requestId ${requestId}.`,
    );
  });
}

/** Answers every other method of a served path with 405. HEAD goes with GET. */
export function refuseOtherMethods(app: FastifyInstance, url: string, served: "GET" | "POST"): void {
  const allowed = served === "GET" ? ["GET", "HEAD"] : [served];
  const method = app.supportedMethods.filter((other) => !allowed.includes(other));
  const answer = async (_request: unknown, reply: FastifyReply) => refuseMethod(reply, allowed);
  // Before the body is parsed: what is wrong with it does not matter.
  app.route({ method, url, onRequest: answer, handler: answer });
}

export function refuseMethod(reply: FastifyReply, allowed: readonly string[]): FastifyReply {
  return refuse(reply.header("allow", allowed.join(", ")), 405);
}

const REMEDIES: Readonly<Record<number, string>> = {
  400: "The address or the body cannot be read. A body must be valid JSON.",
  413: "The body is too large.",
  414: "A part of the address is too long.",
  415: "Send the body as application/json.",
  503: "A neighbour of the rotator, such as its queue, does not answer. /readyz?verbose tells which one.",
};
