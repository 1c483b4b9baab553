/** Marks: what was seen, done or told once. Each is forgotten when it is old and what it is about is in use no more. */
import { z } from "zod";
import type { Json, RecordEntry, Records } from "../../core/ports.ts";
import type { InUse } from "./in-use.ts";
import type { Forgotten, Pass } from "./pass.ts";

/**
 * By what a mark is about. A secret: it stays while any slot holds that secret. A switch-over: while it is one of the
 * latest of its key. An incident: while that is open, or was so lately.
 */
const ABOUT = {
  "first-seen": "secret",
  doubted: "secret",
  "check-rollbacks": "secret",
  "check-rollbacks-told": "secret",
  "check-rollbacks-leaked": "secret",
  "rollbacks-asked": "secret",
  "rollbacks-asked-told": "secret",
  "consumers-told": "switch-over",
  "consumer-told": "switch-over",
  "ecs-deployments-before": "switch-over",
  "ecs-deployment-begun": "switch-over",
  "incident-channels": "incident",
  "alert-log": "incident",
} as const;

export const MARKS: readonly string[] = Object.keys(ABOUT);

/** One small line for every key that was ever replaced or had no id: these go with nothing. */
export const KEPT_FOR_EVER: readonly string[] = ["former-keys", "settled-keys", "ended", "legacy-keys"];

export async function* forgetMarks({ records, before }: Pass, used: InUse | null): Forgotten {
  for (const [kind, about] of Object.entries(ABOUT)) {
    for (let from: string | null = null; ;) {
      const { records: found, next } = await records.scan(kind, from);
      const old = found.filter(({ value }) => isBefore(value, before));
      const ids: string[] = [];
      for (const { id } of old) if (!(await isInUse(id, about, used, records))) ids.push(id);
      await records.forget(kind, ids);
      yield ids.length;
      if (next === null) break;
      from = next;
    }
  }
}

async function isInUse(
  id: RecordEntry["id"],
  about: "secret" | "switch-over" | "incident",
  used: InUse | null,
  records: Pick<Records, "get">,
): Promise<boolean> {
  // An incident that comes back under one id and has no record of its own: its marks bear the date of the first time.
  if (about === "incident" && id.startsWith("key-unchecked-")) return true;
  if (about === "incident") return isOfIncident(id, records);
  if (!used) return true;
  if (about === "secret") {
    const prints = [...id.matchAll(/sha256[:-]([0-9a-f]{16})/g)].map(([, print = ""]) => print);
    return prints.length === 0 || prints.some((print) => used.prints.has(print));
  }
  const [switchOver] = /^[0-9a-f]{32}/.exec(id) ?? [];
  return switchOver === undefined || used.switchOvers.has(switchOver);
}

/** The incident's id is the beginning of the mark's; where it ends, only the records know. */
async function isOfIncident(id: string, records: Pick<Records, "get">): Promise<boolean> {
  const ends = [...id.matchAll(/-/g)].map(({ index }) => index);
  for (const end of [id.length, ...ends.toReversed()])
    if ((await records.get("incidents", id.slice(0, end))) !== undefined) return true;
  return false;
}

const time = z.union([z.number(), z.iso.datetime().transform((text) => Date.parse(text))]);
const Dated = z.union([time, z.object({ at: time }).transform(({ at }) => at)]);

/** What carries no date is kept. */
export function isBefore(value: Json, before: number): boolean {
  const at = Dated.safeParse(value).data;
  return at !== undefined && at < before;
}
