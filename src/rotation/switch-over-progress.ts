/** How far consumers were when they were last looked at: kept for people. It steers nothing. */
import { z } from "zod";
import type { Json, Records } from "../core/ports.ts";
import type { SwitchOverState } from "./switch-over-state.ts";

/** Of one consumer; more are counted in what it says. */
const MOST_INSTANCES = 100;

const SwitchOverProgress = z.object({
  /** Of the secret that consumers should use. */
  fingerprint: z.string(),
  /** Epoch milliseconds. */
  startedAt: z.number(),
  /** When something had changed last. */
  changedAt: z.number(),
  consumers: z.array(
    z.object({
      name: z.string(),
      state: z.enum(["proved", "under-way", "unprovable", "unknown"]),
      says: z.string(),
      instances: z.array(
        z.object({ id: z.string(), state: z.enum(["switched", "lagging"]), says: z.string().nullable() }),
      ),
    }),
  ),
});
export type SwitchOverProgress = Readonly<z.output<typeof SwitchOverProgress>>;

/** Adds an entry where something has changed since the last one. */
export async function rememberProgress(
  records: Records,
  keyName: string,
  fingerprint: string,
  { startedAt, consumers }: SwitchOverState,
  now: number,
): Promise<void> {
  const seen = {
    fingerprint,
    startedAt,
    consumers: consumers.map(({ name, state, says, instances }) => ({
      name,
      state,
      says,
      instances: instances.slice(0, MOST_INSTANCES).map((instance) => ({ ...instance })),
    })),
  } satisfies Json;
  const last = await latestProgress(records, keyName);
  if (
    last &&
    JSON.stringify({ ...last, changedAt: 0 }) === JSON.stringify(inOrder({ ...seen, changedAt: 0 }))
  )
    return;
  await records.append(listOf(keyName), { ...seen, changedAt: now });
}

/** null: the consumers of this key were never looked at. */
export async function latestProgress(
  records: Pick<Records, "list">,
  keyName: string,
): Promise<SwitchOverProgress | null> {
  const [entry] = await records.list(listOf(keyName), { limit: 1 });
  return SwitchOverProgress.safeParse(entry?.value).data ?? null;
}

/** Fields in the order in which they are read back. */
function inOrder(progress: Json): SwitchOverProgress {
  return SwitchOverProgress.parse(progress);
}

function listOf(keyName: string): string {
  return `switch-over-progress-${keyName}`;
}
