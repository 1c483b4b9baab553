/** The forms of a key's page. What was taken leads back to the page; what was not, is said there, and nothing else. */
import formbody from "@fastify/formbody";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Refusal } from "../desk/key-answers.ts";
import { callerOf } from "../gate.ts";
import { refuseOtherMethods } from "../refusal.ts";
import { ReplaceForm, RetryForm, RevokeFirstForm, RollBackForm, RotateForm, Token } from "./form-bodies.ts";
import type { FormTokens } from "./form-token.ts";
import type { Action } from "./forms.ts";
import { askedQuery } from "./key-page.ts";
import { keyPage } from "./key-parts.ts";
import type { Answer } from "./key-page.ts";
import type { KeyPages } from "./key-pages.ts";

type Taken = {
  readonly kind: "queued";
  readonly queue: string;
  readonly jobId: string;
  readonly notes?: readonly string[];
};
type Outcome = Taken | Refusal | { readonly kind: "done-already"; readonly notes: readonly string[] };

export type ActionDeps = { readonly pages: KeyPages; readonly tokens: FormTokens };

export function serveActions(app: FastifyInstance, { pages, tokens }: ActionDeps): void {
  const { desk } = pages;
  void app.register(formbody);

  const act = <Form>(
    action: Action,
    form: z.ZodType<Form>,
    perform: (name: string, form: Form, askedBy: string) => Promise<Outcome>,
  ) => {
    const url = `/keys/:name/${action}`;
    app.post<{ Params: { name: string } }>(url, async (request, reply) => {
      const { name } = request.params;
      const askedBy = callerOf(request);
      const say = (status: number, isRefusal: boolean, says: readonly string[]) =>
        respond(request, reply, { pages, name, status, answer: { action, isRefusal, says } });
      const { data: sent } = Token.safeParse(request.body);
      if (!sent || !tokens.isValid(askedBy, sent.token)) return say(403, true, [NOT_OURS]);
      const read = form.safeParse(request.body);
      if (!read.success) return say(422, true, [INCOMPLETE[action]]);
      const outcome = await perform(name, read.data, askedBy);
      pages.touch(name);
      switch (outcome.kind) {
        case "queued":
          pages.remember(outcome.jobId, outcome.notes ?? []);
          return reply.redirect(keyPage(name) + askedQuery(outcome), 303);
        case "done-already":
          return say(200, false, outcome.notes);
        case "unknown-key":
          return pages.refuseUnknown(reply);
        case "not-now":
          return say(409, true, [outcome.why]);
        case "unavailable":
          return say(503, true, [outcome.why]);
        case "rejected":
          return say(422, true, rejection(outcome));
        default:
          return outcome satisfies never;
      }
    });
    refuseOtherMethods(app, url, "POST");
  };

  act("rotate", RotateForm, (name, { grace }, askedBy) =>
    desk.requestRotation(name, { mode: "graceful", graceSeconds: grace, askedBy }),
  );
  act("revoke-first", RevokeFirstForm, async (name, { confirm }, askedBy) =>
    confirm.trim() === name
      ? desk.requestRotation(name, { mode: "revoke-first", askedBy })
      : {
          kind: "rejected",
          faults: [{ kind: "unconfirmed", says: UNCONFIRMED, overridable: false }],
          notes: [],
        },
  );
  act("roll-back", RollBackForm, async (name, _form, askedBy) => {
    const answer = await desk.requestRollback(name, askedBy);
    return answer.kind === "queued" ? { ...answer, notes: [answer.explanation] } : answer;
  });
  act("replace", ReplaceForm, (name, { key: candidate, force }, askedBy) =>
    desk.requestReplacement(name, { candidate, force, askedBy }),
  );
  act("retry", RetryForm, (name, { job: jobId }, askedBy) => desk.retryJob(name, { jobId, askedBy }));
}

type Said = {
  readonly pages: KeyPages;
  readonly name: string;
  readonly status: number;
  readonly answer: Answer;
};

function respond(request: FastifyRequest, reply: FastifyReply, { pages, name, status, answer }: Said) {
  if (status === 503) void reply.header("retry-after", RETRY_AFTER_SECONDS);
  return pages.show(request, reply.code(status), { name, answer });
}

const RETRY_AFTER_SECONDS = 5;

function rejection({ faults, notes }: Refusal & { kind: "rejected" }): string[] {
  const canForce = faults.length > 0 && faults.every(({ overridable }) => overridable);
  return [...faults.map(({ says }) => says), ...notes, ...(canForce ? [FORCE] : [])];
}

const FORCE = "You may take it all the same: tick the box below the key and hand it over again.";
const UNCONFIRMED = "The name that you typed is not the name of this key. Nothing was changed.";
const NOT_OURS =
  "This form was too old, or was not made by this page. Nothing was changed: the form below is a new one, fill it in again.";
const INCOMPLETE: Readonly<Record<Action, string>> = {
  rotate: "Choose how long the old secret lives on. Nothing was changed.",
  "revoke-first": "Type the name of the key. Nothing was changed.",
  "roll-back": "The form was not understood. Nothing was changed.",
  replace: "Paste the new key, of at most 500 characters. Nothing was changed.",
  retry: "The form names no job. Nothing was changed.",
};
