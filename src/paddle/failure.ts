/**
 * What each way of failing means: may the call have taken effect, and is it worth another try? Decided by
 * whether the request was sent, by the status and by Paddle's `error.code`; never by wording, and never by 401,
 * which Paddle does not use: a dead credential (`invalid_token`) and a missing permission (`forbidden`) are
 * both 403 (Paddle: Errors, shared). The codes that are ours and not Paddle's:
 *
 * | code | when |
 * |---|---|
 * | `not_connected` | no connection could be made; nothing was sent |
 * | `no_answer` | sent, and then no whole answer: deadline, reset, answer too large |
 * | `unreadable_answer` | an answer that is not Paddle's, or lacks what we need |
 * | `redirected` | an answer that points elsewhere; redirects are never followed |
 * | `budget_exhausted` | no leave to send within a minute; nothing was sent |
 * | `client_closed` | this service is shutting down; nothing was sent |
 * | `unknown_environment`, `unusable_secret`, `invalid_terms` | refused before sending |
 * | `endless_list` | a list whose pages do not end |
 */
import { type Effect, PaddleError, type Retry } from "../core/errors.ts";
import { type Call, nameOf } from "./call.ts";
import type { Failed } from "./exchange.ts";
import { type Problem, type Reply, readProblem } from "./reply.ts";

const DEAD = new Set(["invalid_token", "authentication_malformed"]);

/** Whether the error is Paddle's word that the credential is dead. A proxy's 403 is not. */
export function isDeadCredential(error: unknown): boolean {
  return error instanceof PaddleError && error.status !== null && saysDead(error.status, error.code);
}

function saysDead(status: number, code: string): boolean {
  return status >= 400 && status < 500 && DEAD.has(code);
}

/** For an answer outside 200 to 299. */
export function refusal(call: Call, reply: Reply): PaddleError {
  const { status, requestId } = reply;
  const problem = readProblem(reply, call.secret);
  const code = problem?.code ?? (status < 400 ? "redirected" : "unreadable_answer");
  const detail = problem?.detail ? `, "${problem.detail}"` : "";
  // What a person has filled in, the person can mend.
  const faults =
    call.mayChange === "destination" && problem ? problem.faults.map((fault) => `; ${fault}`) : [];
  return new PaddleError(
    `${nameOf(call)}: Paddle answered ${status} ${code}${detail}${faults.join("")}${requestOf(reply)}${advice(status, code)}`,
    {
      code,
      status,
      requestId,
      fields: problem?.fields ?? [],
      effect: effectOfRefusal(call, status, problem),
      retry: retryOfRefusal(status, problem),
    },
  );
}

function effectOfRefusal(call: Call, status: number, problem: Problem | null): Effect {
  if (status === 429) return "none";
  const refusedByPaddle = problem !== null && status >= 400 && status < 500;
  if (!refusedByPaddle) return effectOnceSent(call);
  // A refusal for any reason but the credential itself means that the secret has authenticated.
  const hasAuthenticated = !DEAD.has(problem.code) && problem.code !== "authentication_missing";
  return call.mayChange === "activation" && hasAuthenticated ? "unknown" : "none";
}

function retryOfRefusal(status: number, problem: Problem | null): Retry {
  const passing = status >= 500 || status === 408 || status === 409 || status === 425 || status === 429;
  return problem === null || passing ? "later" : "never";
}

function advice(status: number, code: string): string {
  if (code === "redirected")
    return "; redirects are never followed, because the key would follow: check PADDLE_API_URL and any proxy";
  if (code === "unreadable_answer" && status < 500)
    return "; the body is not Paddle's: check PADDLE_API_URL and any proxy or firewall on the way";
  if (code === "forbidden") return "; the key is alive but lacks a permission: edit it in Paddle's dashboard";
  return "";
}

/** For an answer from 200 to 299 that lacks what was asked for. `faults`: the fields that are missing or wrong. */
export function incomplete(call: Call, reply: Reply, faults: readonly string[]): PaddleError {
  const what = faults.length > 0 ? `missing or malformed: ${faults.join(", ")}` : "the body is not JSON";
  return new PaddleError(
    `${nameOf(call)}: Paddle answered ${reply.status} but not as documented (${what})${requestOf(reply)}`,
    {
      code: "unreadable_answer",
      status: reply.status,
      requestId: reply.requestId,
      effect: effectOnceSent(call),
      retry: "later",
    },
  );
}

/** For a call that ended without a whole answer. */
export function noAnswer(call: Call, root: URL, failed: Failed): PaddleError {
  if (!failed.sent)
    return notSent(
      call,
      "not_connected",
      `no connection to ${root.origin} (${failed.fault}): check DNS, firewall and TLS`,
      "later",
    );
  const doubt = effectOnceSent(call) === "unknown" ? "; Paddle may have acted on it" : "";
  return new PaddleError(
    `${nameOf(call)}: sent, but no whole answer came (${failed.fault} after ${failed.tookMs} ms)${doubt}`,
    {
      code: "no_answer",
      status: null,
      effect: effectOnceSent(call),
      retry: "later",
    },
  );
}

/** For a call of which not a byte was sent. */
export function notSent(call: Call, code: string, why: string, retry: Retry): PaddleError {
  return new PaddleError(`${nameOf(call)}: not sent: ${why}`, { code, status: null, effect: "none", retry });
}

function effectOnceSent(call: Call): Effect {
  return call.mayChange === "nothing" ? "none" : "unknown";
}

function requestOf(reply: Reply): string {
  return reply.requestId === null ? "" : ` (request ${reply.requestId})`;
}
