/** `/api/keys`: what there is to know of the managed keys, and what may be asked for them. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { Secret } from "../../../core/secret.ts";
import { jobPage } from "../queues/dashboard.ts";
import { callerOf } from "../gate.ts";
import type { Queued, Refusal } from "../desk/key-answers.ts";
import type { KeyDesk } from "../desk/key-desk.ts";
import { faultsIn, reject } from "./key-problems.ts";
import { serveRecords } from "./record-routes.ts";
import { refuse, refuseOtherMethods } from "../refusal.ts";

const NAMES_SHOWN = 20;

const KeyParams = z.strictObject({ name: z.string() });

const RotationBody = z
  .strictObject({
    mode: z.enum(["graceful", "revoke-first"]),
    /** How long the old secret lives after the new one's first use; left out: the key's own grace. */
    graceSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(({ mode, graceSeconds }) => mode === "graceful" || graceSeconds === undefined, {
    path: ["graceSeconds"],
    error: "revoke-first has no grace; leave it out",
  });

const ReplacementBody = z.strictObject({
  /** From here on it cannot print itself. */
  key: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .transform((text) => new Secret(text)),
  force: z.boolean().default(false),
});

const RollbackBody = z.strictObject({}).nullish();

export function serveKeys(app: FastifyInstance, desk: KeyDesk): void {
  app.get("/api/keys", async () => ({ keys: await desk.list() }));
  refuseOtherMethods(app, "/api/keys", "GET");

  app.get("/api/keys/:name", async (request, reply) => {
    const { name } = KeyParams.parse(request.params);
    return (await desk.find(name)) ?? refuseUnknownKey(reply, desk);
  });
  refuseOtherMethods(app, "/api/keys/:name", "GET");

  app.post("/api/keys/:name/rotations", async (request, reply) => {
    const { name } = KeyParams.parse(request.params);
    const body = RotationBody.safeParse(request.body);
    if (!body.success) return refuse(reply, 400, faultsIn(body.error));
    const answer = await desk.requestRotation(name, { ...body.data, askedBy: callerOf(request) });
    if (answer.kind !== "queued") return refuseFor(answer, reply, desk);
    return reply.code(202).send(jobOf(answer));
  });
  refuseOtherMethods(app, "/api/keys/:name/rotations", "POST");

  app.post("/api/keys/:name/replacement", async (request, reply) => {
    const { name } = KeyParams.parse(request.params);
    const body = ReplacementBody.safeParse(request.body);
    if (!body.success) return refuse(reply, 400, faultsIn(body.error));
    const { key: candidate, force } = body.data;
    const answer = await desk.requestReplacement(name, { candidate, force, askedBy: callerOf(request) });
    if (answer.kind === "done-already") return reply.send({ jobId: null, notes: answer.notes });
    if (answer.kind !== "queued") return refuseFor(answer, reply, desk);
    return reply.code(202).send({ ...jobOf(answer), notes: answer.notes });
  });
  refuseOtherMethods(app, "/api/keys/:name/replacement", "POST");

  app.post("/api/keys/:name/rollback", async (request, reply) => {
    const { name } = KeyParams.parse(request.params);
    const body = RollbackBody.safeParse(request.body);
    if (!body.success) return refuse(reply, 400, faultsIn(body.error));
    const answer = await desk.requestRollback(name, callerOf(request));
    if (answer.kind !== "queued") return refuseFor(answer, reply, desk);
    const { endsAt, explanation } = answer;
    return reply.code(202).send({ ...jobOf(answer), endsAt, explanation });
  });
  refuseOtherMethods(app, "/api/keys/:name/rollback", "POST");

  serveRecords(app, desk);
}

function jobOf({ queue, jobId }: Queued): { jobId: string; status: string } {
  return { jobId, status: jobPage(queue, jobId) };
}

function refuseFor(refusal: Refusal, reply: FastifyReply, desk: KeyDesk): FastifyReply {
  switch (refusal.kind) {
    case "unknown-key":
      return refuseUnknownKey(reply, desk);
    case "not-now":
      return refuse(reply, 409, refusal.why);
    case "unavailable":
      return refuse(reply, 503, refusal.why);
    case "rejected":
      return reject(reply, refusal);
    default:
      return refusal satisfies never;
  }
}

function refuseUnknownKey(reply: FastifyReply, desk: KeyDesk): FastifyReply {
  const shown = desk.names.slice(0, NAMES_SHOWN).join(", ");
  const more = desk.names.length - NAMES_SHOWN;
  return refuse(
    reply,
    404,
    `No key has this name. There are: ${shown}${more > 0 ? ` and ${more} more` : ""}.`,
  );
}
