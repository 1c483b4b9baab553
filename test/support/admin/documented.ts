/** Holds what the API answers to what its operations say of it: whatever a test asks for. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Operation } from "../../../src/http/admin/api/operation.ts";
import { OPERATIONS } from "../../../src/http/admin/api/operations.ts";
import { openApiDocument } from "../../../src/http/admin/api/open-api.ts";
import { Problem, Rejection } from "../../../src/http/admin/api/shapes.ts";
import type { CallAnswer } from "./call.ts";

const { paths } = openApiDocument({ version: "0", url: null });

/** The operation that a request is for; undefined: none, so it is a 404 or a 405. */
export function operationOf(method: string, path: string): Operation | undefined {
  const [place = ""] = path.split("?");
  return OPERATIONS.find((one) => {
    const pattern = one.path.split(/\{\w+\}/).map((text) => RegExp.escape(text));
    return one.method === method && new RegExp(`^${pattern.join("[^/]+")}$`).test(place);
  });
}

/** Throws unless the answer to this request is one that is documented, field by field. */
export function mustBeDocumented(method: string, path: string, answer: CallAnswer): void {
  const what = operationOf(method, path);
  if (!what || method === "HEAD") return;
  const where = `${what.id} ${answer.status}`;
  if (!statusesOf(what).includes(answer.status)) throw new Error(`${where}: this status is not documented`);
  const type = answer.headers["content-type"] ?? "";
  const expected = what.answers[answer.status];
  if (!expected) {
    if (type !== "application/problem+json") throw new Error(`${where}: no problem, but ${type}`);
    return mustMatch(answer.status === 422 ? Rejection : Problem, answer.json(), where);
  }
  const others = Object.keys(expected.alsoAs ?? {});
  if (others.some((other) => type.startsWith(other))) return;
  if (!type.startsWith("application/json")) throw new Error(`${where}: ${type} is not documented`);
  mustMatch(expected.body, answer.json(), where);
}

/** A schema takes fields that it does not know and leaves them out. */
function mustMatch(schema: z.ZodType, body: unknown, where: string): void {
  if (!isDeepStrictEqual(schema.parse(body), body)) throw new Error(`${where}: it has undocumented fields`);
}

function statusesOf({ path, method }: Operation): number[] {
  const { responses } = Object(Object(paths)[path])[method.toLowerCase()];
  return Object.keys(responses).map(Number);
}
