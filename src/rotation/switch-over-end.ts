/** What people were told of a switch-over has an end, also where nobody looks any more: said before that is so. */
import { checkFailed, checkUnwatched } from "../alerts/check-messages.ts";
import { consumersUnwatched, lagIncident } from "../alerts/consumer-messages.ts";
import { callOff } from "../alerts/incidents.ts";
import type { Run } from "./steps.ts";

/** @param why the end of a sentence */
export async function endChecksOf(run: Run, switchOverId: string, why: string): Promise<void> {
  const { key, work, clock } = run;
  for (const { name } of key.checks) {
    const about = { key, work, name, switchOverId };
    const { id } = checkFailed(about, { says: "", noRollback: null, until: null }, 0);
    await callOff(id, checkUnwatched(about, why, clock.now()), run);
  }
}

/** @param why the end of a sentence */
export async function endLagOf(run: Run, switchOverId: string, why: string): Promise<void> {
  const { key, work, clock } = run;
  const about = { key, work, switchOverId };
  await callOff(lagIncident(about), consumersUnwatched(about, why, clock.now()), run);
}
