/**
 * An exposure that is answered with a grace is no open exposure, and another job may go on with that grace: it must not
 * bring the exposed secret back.
 */
import type { Slots } from "../core/slots.ts";
import { filled } from "./noted.ts";
import type { Run } from "./steps.ts";

/** New secrets whose former one was in public. */
const LEAKED = "check-rollbacks-leaked";

export async function rememberLeak(run: Run, slots: Slots): Promise<void> {
  if (run.work.intent.kind === "exposed")
    await run.records.putIfAbsent(LEAKED, markOf(run, slots), run.clock.now());
}

export async function isLeakKnown(run: Run, slots: Slots): Promise<boolean> {
  return (await run.records.get(LEAKED, markOf(run, slots))) !== undefined;
}

function markOf({ key }: Run, slots: Slots): string {
  return `${key.name}-${filled(slots, "active").secret.fingerprint().replace(":", "-")}`;
}
