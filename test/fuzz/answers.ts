/** What is true of every answer over HTTP, whatever was asked. */
import type { LightMyRequestResponse } from "fastify";
import { mustBe } from "./target.ts";

/** A problem as RFC 9457 has it, of the status that the answer has, without a word of what was sent. */
export function mustBeProblem(answer: LightMyRequestResponse, sent: readonly string[] = []): void {
  const { statusCode, headers, body } = answer;
  mustBe(headers["content-type"] === "application/problem+json", `${statusCode} is no problem+json`);
  const { status, title } = Object(JSON.parse(body));
  mustBe(status === statusCode && typeof title === "string" && title !== "", `${statusCode} says ${status}`);
  mustHideAll(body, sent);
}

export function mustHideAll(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) mustBe(!text.includes(secret), `it quotes ${secret}`);
}
