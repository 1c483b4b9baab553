/** Every answer that no route gives: unknown path, wrong method, a request that Fastify refuses, a fault of ours. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { sendProblem, statusTitle } from "./problem.ts";

/** Fastify's own error bodies name their cause, and some quote the request. These name the status, and no more. */
export function answerFaults(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) => {
    const allowed = app.supportedMethods.filter((method) => app.findRoute({ method, url: request.url }));
    if (allowed.length === 0) return sendProblem(reply, 404, statusTitle(404));
    void reply.header("allow", allowed.join(", "));
    return sendProblem(reply, 405, statusTitle(405));
  });

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    const about = { status, method: request.method, url: request.routeOptions.url };
    if (status < 500) log.warn({ ...about, reason: error.code }, "request refused");
    else log.error({ ...about, err: error }, "request failed");
    return sendProblem(reply, status, statusTitle(status));
  });
}

/** A `frameworkErrors` handler, for what Fastify refuses before it looks for a route: a path it cannot decode. */
export function answerBadPath(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  void sendProblem(reply, status, statusTitle(status));
}
