/** `/api/keys`: what there is to know of the managed keys, and what may be asked for them. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { OverviewWatch } from "../../../overview/watch.ts";
import type { Queued, Refusal } from "../desk/key-answers.ts";
import type { KeyDesk } from "../desk/key-desk.ts";
import { callerOf } from "../gate.ts";
import { jobPage } from "../queues/dashboard.ts";
import { refuse } from "../refusal.ts";
import { reject } from "./key-problems.ts";
import { serve } from "./operation.ts";
import {
  getKey,
  listKeys,
  requestReplacement,
  requestRollback,
  requestRotation,
  retryJob,
} from "./operations.ts";
import { showDetail, showKey, showReading } from "./show.ts";

const NAMES_SHOWN = 20;

export type KeyRouteDeps = {
  readonly desk: KeyDesk;
  readonly overview: OverviewWatch;
};

export function serveKeys(app: FastifyInstance, { desk, overview }: KeyRouteDeps): void {
  serve(app, listKeys, async ({ answer }) => {
    const known = await overview.latest();
    return answer(200, { keys: known.keys.map(showKey), ...showReading(known) });
  });

  serve(app, getKey, async ({ params: { name }, reply, answer }) => {
    if (!desk.names.includes(name)) return refuseUnknownKey(reply, desk);
    const [now, { keys }] = await Promise.all([desk.find(name), overview.latest()]);
    const known = keys.find(({ view }) => view.name === name);
    if (!now || !known) return refuseUnknownKey(reply, desk);
    return answer(200, showDetail(known, now));
  });

  serve(app, requestRotation, async ({ params: { name }, body, request, reply, answer }) => {
    const result = await desk.requestRotation(name, { ...body, askedBy: callerOf(request) });
    if (result.kind !== "queued") return refuseFor(result, reply, desk);
    overview.touch(name);
    return answer(202, jobOf(result));
  });

  serve(app, requestReplacement, async ({ params: { name }, body, request, reply, answer }) => {
    const { key: candidate, force } = body;
    const result = await desk.requestReplacement(name, { candidate, force, askedBy: callerOf(request) });
    if (result.kind === "done-already") return answer(200, { jobId: null, notes: result.notes });
    if (result.kind !== "queued") return refuseFor(result, reply, desk);
    overview.touch(name);
    return answer(202, { ...jobOf(result), notes: result.notes });
  });

  serve(app, requestRollback, async ({ params: { name }, request, reply, answer }) => {
    const result = await desk.requestRollback(name, callerOf(request));
    if (result.kind !== "queued") return refuseFor(result, reply, desk);
    overview.touch(name);
    const { endsAt, explanation } = result;
    return answer(202, { ...jobOf(result), endsAt, explanation });
  });

  serve(app, retryJob, async ({ params: { name, jobId }, request, reply, answer }) => {
    const result = await desk.retryJob(name, { jobId, askedBy: callerOf(request) });
    if (result.kind !== "queued") return refuseFor(result, reply, desk);
    overview.touch(name);
    return answer(202, jobOf(result));
  });
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
