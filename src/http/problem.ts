/** Errors as the outside sees them: `application/problem+json` (RFC 9457). They never repeat what the caller sent. */
import type { FastifyReply } from "fastify";

// Not by `import`: server.ts says why.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

export type Problem = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
};

/** The status in words, as they stand in the HTTP registry. */
export function statusTitle(status: number): string {
  return STATUS_CODES[status] ?? "Error";
}

/** @param title the status in words, as RFC 9457 asks for the type `about:blank` */
export function problem(status: number, title: string, detail?: string): Problem {
  return { type: "about:blank", title, status, ...(detail !== undefined && { detail }) };
}

/** Answers with a problem. `detail` says what was wrong and what to do next; it is text of ours, never input. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  title: string,
  detail?: string,
): FastifyReply {
  // As bytes, because Fastify adds a charset to text, and JSON has no such parameter (RFC 8259, 11).
  return reply
    .code(status)
    .header("content-type", PROBLEM_CONTENT_TYPE)
    .send(Buffer.from(JSON.stringify(problem(status, title, detail))));
}
