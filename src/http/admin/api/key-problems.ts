/** What is wrong with a body, told to whoever sent it without repeating what may be a secret. */
import type { FastifyReply } from "fastify";
import type { z } from "zod";
import { problem, PROBLEM_CONTENT_TYPE, statusTitle } from "../../problem.ts";

/** Every fault of a body in one line, each with the field it is about. */
export function faultsIn(error: z.ZodError): string {
  return error.issues.map((issue) => [...issue.path, messageOf(issue)].join(": ")).join("; ");
}

/** The names of unknown fields are input: a key that was put in the wrong place must not come back. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "unrecognized_keys") return issue.message;
  const named = issue.keys.filter((name) => /^[a-zA-Z_]{1,32}$/.test(name)).map((name) => `"${name}"`);
  const unnamed = issue.keys.length - named.length;
  return `unknown fields: ${[...named, ...(unnamed > 0 ? [`${unnamed} with other names`] : [])].join(", ")}`;
}

/** 422 with what is wrong as a sentence for people and piece by piece for programs. */
export function reject(
  reply: FastifyReply,
  { faults, notes }: { readonly faults: readonly { says: string }[]; readonly notes: readonly string[] },
): FastifyReply {
  const detail = faults.map(({ says }) => says).join(" ");
  return reply
    .code(422)
    .header("content-type", PROBLEM_CONTENT_TYPE)
    .send(Buffer.from(JSON.stringify({ ...problem(422, statusTitle(422), detail), faults, notes })));
}
