/**
 * Incidents are forgotten long after they were over, and never while they are open. The beginning goes before the end:
 * an end without a beginning is nothing, a beginning without an end would be an incident that comes back to life.
 */
import type { Records } from "../../core/ports.ts";
import { isBefore } from "./marks.ts";
import type { Forgotten, Pass } from "./pass.ts";

const FAILING_JOB = "job-failing-";

export async function* forgetIncidents({ records, before }: Pass): Forgotten {
  for (let from: string | null = null; ;) {
    const { records: found, next } = await records.scan("incidents-over", from);
    const ids: string[] = [];
    for (const { id, value } of found)
      if (isBefore(value, before) && !(await isGoneOn(id, before, records))) ids.push(id);
    await records.forgetLists(ids.filter((id) => id.startsWith(FAILING_JOB)).map(recoveriesOf));
    await records.forget("incidents", ids);
    await records.forget("incidents-over", ids);
    yield ids.length;
    if (next === null) return;
    from = next;
  }
}

/** A job that failed, recovered and failed again has an incident for each time, and the later ones need the first. */
async function isGoneOn(
  id: string,
  before: number,
  records: Pick<Records, "get" | "list">,
): Promise<boolean> {
  if (!id.startsWith(FAILING_JOB)) return false;
  const [recovery] = await records.list(recoveriesOf(id), { limit: 1 });
  if (!recovery) return false;
  const isLater = (await records.get("incidents", `${id}-${recovery.id}`)) !== undefined;
  return isLater || !isBefore(recovery.value, before);
}

function recoveriesOf(incidentId: string): string {
  return `job-recoveries-${incidentId.slice(FAILING_JOB.length)}`;
}
