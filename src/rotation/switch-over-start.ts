/** What is remembered of a switch-over: when it began, and which consumers were told. */
import { z } from "zod";
import type { IssuedSecret } from "../core/slots.ts";
import { nameSwitchOver } from "../core/switch-over-id.ts";
import type { Run } from "./steps.ts";
import { endChecksOf, endLagOf } from "./switch-over-end.ts";

const TOLD = "consumers-told";
/** More entries than two workers at once leave of one switch-over. */
const LOOKED_AT = 20;

const Begun = z.object({ fingerprint: z.string(), at: z.number() });

export type SwitchOverStart = {
  readonly id: string;
  /** Of the secret to be used from then on. */
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
};

/**
 * The switch-over to the active secret: it begins when that secret is first seen after another one. A rollback and its
 * end are switch-overs of their own. Workers who begin it at once agree on the entry that is older.
 */
export async function beginSwitchOver(run: Run, { secret }: IssuedSecret): Promise<SwitchOverStart> {
  const fingerprint = secret.fingerprint();
  const latest = await latestSwitchOver(run);
  if (latest?.fingerprint === fingerprint) return latest;
  if (latest) {
    const why = "another secret came into use";
    await endChecksOf(run, latest.id, why);
    await endLagOf(run, latest.id, why);
  }
  const startedAt = run.clock.now();
  const entryId = await run.records.append(listOf(run), { fingerprint, at: startedAt });
  const begun = await latestSwitchOver(run);
  // Another one may have begun since.
  return begun?.fingerprint === fingerprint
    ? begun
    : { id: nameSwitchOver(run.key.name, entryId), fingerprint, startedAt };
}

/** The one that began last; null: none ever did. */
export async function latestSwitchOver(run: Run): Promise<SwitchOverStart | null> {
  const entries = await run.records.list(listOf(run), { limit: LOOKED_AT });
  const read = entries.map(({ id, value }) => ({ id, begun: Begun.safeParse(value).data }));
  const fingerprint = read[0]?.begun?.fingerprint;
  const end = read.findIndex(({ begun }) => begun?.fingerprint !== fingerprint);
  const entry = read.slice(0, end === -1 ? undefined : end).at(-1);
  if (!entry?.begun) return null;
  return {
    id: nameSwitchOver(run.key.name, entry.id),
    fingerprint: entry.begun.fingerprint,
    startedAt: entry.begun.at,
  };
}

export async function wasTold({ records }: Run, switchOverId: string, consumer: string): Promise<boolean> {
  return (await records.get(TOLD, markOf(switchOverId, consumer))) !== undefined;
}

export async function rememberTold(run: Run, switchOverId: string, consumer: string): Promise<void> {
  await run.records.putIfAbsent(TOLD, markOf(switchOverId, consumer), run.clock.now());
}

function markOf(switchOverId: string, consumer: string): string {
  return `${switchOverId}-${consumer}`;
}

function listOf({ key }: Run): string {
  return `switch-overs-${key.name}`;
}
