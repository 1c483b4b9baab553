/** `/api/keys`: what there is to know of the managed keys, and the request to rotate one. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { jobPage } from "./dashboard.ts";
import { callerOf } from "./gate.ts";
import type { KeyDesk, RotationAnswer } from "./key-desk.ts";
import { refuse, refuseOtherMethods } from "./refusal.ts";

const NAMES_SHOWN = 20;

const KeyParams = z.strictObject({ name: z.string() });

const RotationBody = z.strictObject({
  mode: z.enum(["graceful", "revoke-first"]),
  /** How long the old secret lives after the new one's first use; left out: the key's own grace. */
  graceSeconds: z.int().min(0).max(86_400).optional(),
});

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
    const { mode, graceSeconds } = body.data;
    if (mode === "revoke-first") return refuse(reply, 422, NO_REVOKE_FIRST);
    return answer(
      reply,
      desk,
      await desk.requestRotation(name, { graceSeconds, askedBy: callerOf(request) }),
    );
  });
  refuseOtherMethods(app, "/api/keys/:name/rotations", "POST");
}

function answer(reply: FastifyReply, desk: KeyDesk, rotation: RotationAnswer): FastifyReply {
  switch (rotation.kind) {
    case "queued":
      return reply.code(202).send({ jobId: rotation.jobId, status: jobPage("rotations", rotation.jobId) });
    case "unknown-key":
      return refuseUnknownKey(reply, desk);
    case "cannot-rotate":
      return refuse(reply, 409, rotation.why);
    case "store-unavailable":
      return refuse(reply, 503, rotation.why);
    case "queue-unavailable":
      return refuse(
        reply,
        503,
        `${rotation.why}; it may have the job all the same: ` +
          `look at ${jobPage("rotations", rotation.jobId)} before you ask again.`,
      );
    default:
      return rotation satisfies never;
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

/** Every fault of a body in one line, each with the field it is about. */
function faultsIn(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
}

const NO_REVOKE_FIRST =
  'This version does not know the mode "revoke-first". With "graceful" and graceSeconds 0 ' +
  "the old secret dies as soon as the new one is first used.";
