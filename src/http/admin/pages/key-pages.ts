/** A key's page for whoever asks for it: with forms for those who may act. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { describeError } from "../../../core/public-error.ts";
import type { OverviewWatch } from "../../../overview/watch.ts";
import type { AuditRecord } from "../../../rotation/audit-record.ts";
import type { KeyDesk } from "../desk/key-desk.ts";
import { callerOf, mayAct } from "../gate.ts";
import { sendPage } from "./answers.ts";
import type { FormTokens } from "./form-token.ts";
import { type Answer, renderKey } from "./key-page.ts";
import { renderNotFound } from "./not-found-page.ts";

const RECORDS_SHOWN = 20;
/** What was noted on more jobs than this, nobody looks at any more. */
const NOTES_KEPT = 100;

const Query = z.object({
  asked: z.string().min(1).max(300),
  queue: z.enum(["rotations", "emergencies", "upkeep"]),
});

/** What the pages ask the desk for. */
export type PageDesk = Pick<
  KeyDesk,
  "requestRotation" | "requestReplacement" | "requestRollback" | "retryJob" | "listRecords"
>;

export type KeyPagesDeps = {
  readonly desk: PageDesk;
  readonly overview: Pick<OverviewWatch, "latest" | "touch">;
  readonly tokens: FormTokens;
};

export class KeyPages {
  readonly desk: PageDesk;
  readonly #overview: Pick<OverviewWatch, "latest" | "touch">;
  readonly #tokens: FormTokens;
  /** Job id → what the desk had to say about it. Public text; lost with the process, and then only not shown. */
  readonly #notes = new Map<string, readonly string[]>();

  constructor({ desk, overview, tokens }: KeyPagesDeps) {
    this.desk = desk;
    this.#overview = overview;
    this.#tokens = tokens;
  }

  remember(jobId: string, notes: readonly string[]): void {
    const [oldest] = this.#notes.keys();
    if (this.#notes.size >= NOTES_KEPT && oldest !== undefined) this.#notes.delete(oldest);
    this.#notes.set(jobId, notes);
  }

  touch(name: string): void {
    this.#overview.touch(name);
  }

  async show(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, answer }: { readonly name: string; readonly answer: Answer | null },
  ): Promise<FastifyReply> {
    const overview = await this.#overview.latest();
    const key = overview.keys.find(({ view }) => view.name === name);
    if (!key) return this.refuseUnknown(reply);
    const { data: asked } = Query.safeParse(request.query);
    const page = renderKey({
      overview,
      key,
      records: await this.#recordsOf(name),
      token: mayAct(request) ? this.#tokens.issue(callerOf(request)) : null,
      asked: asked
        ? { jobId: asked.asked, queue: asked.queue, notes: this.#notes.get(asked.asked) ?? [] }
        : null,
      answer,
    });
    return sendPage(reply, page);
  }

  refuseUnknown(reply: FastifyReply): FastifyReply {
    return sendPage(reply.code(404), renderNotFound("No key has this name."));
  }

  async #recordsOf(name: string): Promise<readonly AuditRecord[] | string> {
    try {
      // Its standby, where that is a key of its own, is looked after here, too.
      const keyNames = new Set([name, `${name}-standby`]);
      return (await this.desk.listRecords({ limit: RECORDS_SHOWN, keyNames })).rotations;
    } catch (error) {
      return `The records cannot be read now: ${describeError(error)}.`;
    }
  }
}
