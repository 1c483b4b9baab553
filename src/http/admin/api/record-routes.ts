/** `/api/rotations`: the audit records, newest first, for programs and for spreadsheets. */
import type { FastifyInstance } from "fastify";
import { QueueError } from "../../../core/errors.ts";
import type { KeyDesk } from "../desk/key-desk.ts";
import { refuse } from "../refusal.ts";
import { serve } from "./operation.ts";
import { listRecords } from "./operations.ts";
import { toCsv } from "./record-csv.ts";

export function serveRecords(app: FastifyInstance, desk: Pick<KeyDesk, "listRecords">): void {
  serve(app, listRecords, async ({ query, request, reply, answer }) => {
    const { keyName, ...options } = query;
    try {
      const keyNames = keyName === undefined ? undefined : new Set([keyName]);
      const page = await desk.listRecords({ ...options, keyNames });
      void reply.header("vary", "accept");
      if (!wantsCsv(request.headers.accept)) return answer(200, page);
      // A table has no place for it.
      if (page.next) void reply.header("link", `<${pathOf({ ...query, before: page.next })}>; rel="next"`);
      return await reply
        .header("content-type", "text/csv; charset=utf-8; header=present")
        .header("content-disposition", 'attachment; filename="rotations.csv"')
        .send(toCsv(page.rotations));
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      // The records refuse for good what they cannot read, too: who named no record is not at fault.
      if (error.retry === "never" && query.before !== undefined)
        return refuse(reply, 400, "before: names no record; begin without it.");
      return refuse(reply, 503, error.message);
    }
  });
}

function pathOf(query: { limit: number; before: string; keyName?: string | undefined }): string {
  const { limit, before, keyName } = query;
  const search = new URLSearchParams({
    limit: `${limit}`,
    before,
    ...(keyName !== undefined && { keyName }),
  });
  return `${listRecords.path}?${search.toString()}`;
}

/** Whichever of the two is named first. */
function wantsCsv(accept: string | undefined): boolean {
  const named = (accept ?? "").split(",").map((range) => range.split(";")[0]?.trim().toLowerCase());
  return named.find((type) => type === "text/csv" || type === "application/json") === "text/csv";
}
