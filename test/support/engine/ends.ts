/** What a world looks like in the end, in words that a test can compare. */
import { isDeepStrictEqual } from "node:util";
import { keyIdOf } from "../../../src/core/slots.ts";
import type { World } from "./world.ts";

export type End = {
  /** The secret that consumers use, and whether Paddle accepts it. */
  readonly active: string;
  /** The other slots that hold something. */
  readonly left: readonly string[];
  /** How each job ended. */
  readonly jobs: Readonly<Record<string, string>>;
  /** Kinds of the alerts, in the order in which people got them. */
  readonly alerts: readonly string[];
};

/** What a world may look like in the end. */
export type RightEnd = {
  readonly active: string;
  readonly left: readonly string[];
  /** Of each job: how it may have ended, most likely first; which comes first is the queue's business. */
  readonly jobs: Readonly<Record<string, readonly string[]>>;
  readonly alerts: readonly string[];
  /** Kinds of alerts that an accident may add. */
  readonly mayAlert?: readonly string[];
};

/** What differs from the right end, in sentences. */
export function wrongIn(end: End, right: RightEnd): string[] {
  const wrong: string[] = [];
  if (end.active !== right.active) wrong.push(`active is the ${end.active}, not the ${right.active}`);
  if (!isDeepStrictEqual(end.left, right.left)) wrong.push(`left are ${end.left.join(", ") || "none"}`);
  const strangers = Object.keys(right.jobs).filter((job) => !(job in end.jobs));
  if (strangers.length > 0) wrong.push(`not run: ${strangers.join(", ")}`);
  for (const [job, result] of Object.entries(end.jobs)) {
    if (!right.jobs[job]?.includes(result)) wrong.push(`${job} ended ${result}`);
  }
  const added = end.alerts.filter((kind) => !right.mayAlert?.includes(kind));
  if (!isDeepStrictEqual(added, right.alerts)) wrong.push(`alerts were ${end.alerts.join(", ") || "none"}`);
  return wrong;
}

export function endOf(world: World): End {
  const { active: _active, rolledBack, ...others } = world.store.slots;
  const left = Object.entries(others).flatMap(([slot, issued]) => (issued ? [slot] : []));
  const elsewhere = world.standbyStore?.slots.standby ? ["standby elsewhere"] : [];
  return {
    active: activeOf(world),
    left: [...left, ...elsewhere, ...(rolledBack ? ["rolled back"] : [])],
    jobs: Object.fromEntries(
      world.jobs.all.map(({ work, outcome }) => {
        const result = outcome?.kind === "done" ? outcome.result : (outcome?.kind ?? "not run");
        return [`${work.job} (${work.intent.kind})`, result];
      }),
    ),
    alerts: world.alerts.map(({ kind }) => kind),
  };
}

function activeOf(world: World): string {
  const { active } = world.store.slots;
  if (!active) return "none";
  const life = world.isAlive(active.secret) ? "living" : "dead";
  return `${whose(world, keyIdOf(active), active.secret.reveal())}, ${life}`;
}

function whose({ keyId, firstSecret, standbyKeyId, standbySecret }: World, id: string | null, text: string) {
  if (id === keyId) return text === firstSecret ? "first secret" : "new secret";
  if (id === standbyKeyId) return text === standbySecret ? "standby" : "standby made new";
  return "brought key";
}
