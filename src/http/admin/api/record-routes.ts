/** `/api/rotations`: the audit records, newest first, for programs and for spreadsheets. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { QueueError } from "../../../core/errors.ts";
import type { KeyDesk } from "../desk/key-desk.ts";
import { faultsIn } from "./key-problems.ts";
import { toCsv } from "./record-csv.ts";
import { refuse, refuseOtherMethods } from "../refusal.ts";

const PATH = "/api/rotations";

const Query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  before: z
    .string()
    .regex(/^\d{1,20}(-\d{1,20})?$/, "must be what `next` of the page before says")
    .optional(),
});

export function serveRecords(app: FastifyInstance, desk: Pick<KeyDesk, "listRecords">): void {
  app.get(PATH, async (request, reply) => {
    const query = Query.safeParse(request.query);
    if (!query.success) return refuse(reply, 400, faultsIn(query.error));
    const { limit } = query.data;
    try {
      const page = await desk.listRecords(query.data);
      void reply.header("vary", "accept");
      if (!wantsCsv(request.headers.accept)) return page;
      // A table has no place for it.
      if (page.next) void reply.header("link", `<${PATH}?limit=${limit}&before=${page.next}>; rel="next"`);
      return reply
        .header("content-type", "text/csv; charset=utf-8; header=present")
        .header("content-disposition", 'attachment; filename="rotations.csv"')
        .send(toCsv(page.rotations));
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      if (error.retry === "never") return refuse(reply, 400, "before: names no record; begin without it.");
      return refuse(reply, 503, error.message);
    }
  });
  refuseOtherMethods(app, PATH, "GET");
}

/** Whichever of the two is named first. */
function wantsCsv(accept: string | undefined): boolean {
  const named = (accept ?? "").split(",").map((range) => range.split(";")[0]?.trim().toLowerCase());
  return named.find((type) => type === "text/csv" || type === "application/json") === "text/csv";
}
