/**
 * While consumers switch over to the active secret: when they are looked at again, and what an end has to wait for.
 * It stands in front of any table: a secret that dies or must be saved waits for no consumer, and proof shortens no
 * grace.
 */
import type { Decide, DoneResult, Situation, Step, WaitReason } from "./situation.ts";
import type { SwitchOverState } from "./switch-over-state.ts";

/** Looked at again after a quarter of the time that it has taken so far, within these bounds. */
const SOONEST_MS = 5_000;
const LATEST_MS = 5 * 60_000;
/** An end waits for consumers this much longer than the grace: after that, people know, and the job ends. */
const PATIENCE_MS = 24 * 60 * 60_000;

/** Waits during which consumers hold, or should hold, another secret than the active one. */
const WATCHED: ReadonlySet<WaitReason> = new Set([
  "old-in-grace",
  "old-dies-soon",
  "old-outlives-grace",
  "exposed-lives",
  "rolled-back",
  "overlap",
  "former-not-revoked",
]);

/** Ends in which consumers have another secret to use than before. */
export const SWITCHED: ReadonlySet<DoneResult> = new Set(["rotated", "switched", "followed"]);

/** The table, with consumers looked at wherever it would wait or end. */
export function whileConsumersSwitch(decide: Decide): Decide {
  return (situation) => {
    const step = decide(situation);
    if (situation.consumerCount === 0 || !concernsConsumers(step)) return step;
    const { switchOver } = situation.answers;
    if (!switchOver) return { step: "roll-out" };
    return isUnderWay(switchOver) ? untilSwitched(situation, switchOver, step) : step;
  };
}

/** Whether some consumer may still use another secret. One that can prove nothing is not waited for. */
export function isUnderWay({ consumers }: SwitchOverState): boolean {
  return consumers.some(({ state }) => state === "under-way" || state === "unknown");
}

/** Whether every consumer has shown that it uses the active secret. */
export function isProved({ consumers }: SwitchOverState): boolean {
  return consumers.every(({ state }) => state === "proved");
}

/** Who lags, in words, e.g. `billing (pod-1, pod-2)`. */
export function laggards({ consumers }: SwitchOverState): string[] {
  return consumers
    .filter(({ state }) => state === "under-way" || state === "unknown")
    .map(({ name, instances }) => {
      // One that answers for itself, without instances, is called as the consumer.
      const lagging = instances
        .filter(({ state, id }) => state === "lagging" && id !== name)
        .map(({ id }) => id);
      return lagging.length === 0 ? name : `${name} (${enumerate(lagging)})`;
    });
}

const NAMED = 5;

function enumerate(ids: readonly string[]): string {
  const named = ids.slice(0, NAMED).join(", ");
  return ids.length > NAMED ? `${named} and ${ids.length - NAMED} more` : named;
}

/**
 * How urgent lagging is: the part of the time until the former secret's death that has passed, in per cent, as one of
 * the marks that people hear of. 100: it is dead, and whoever lags fails.
 *
 * @param until when the former secret dies; null: it is dead, and consumers have `promptMs` to switch over
 */
export function lagMark(
  { startedAt, until, promptMs }: { startedAt: number; until: number | null; promptMs: number },
  now: number,
): 0 | 50 | 80 | 100 {
  const end = until ?? startedAt + promptMs;
  if (now >= end) return 100;
  if (until === null) return 0;
  const part = (now - startedAt) / (end - startedAt);
  return part >= 0.8 ? 80 : part >= 0.5 ? 50 : 0;
}

function concernsConsumers(step: Step): step is Extract<Step, { step: "wait" | "done" }> {
  if (step.step === "wait") return WATCHED.has(step.because);
  return step.step === "done" && SWITCHED.has(step.result);
}

function untilSwitched(
  { now, graceSeconds }: Situation,
  { startedAt }: SwitchOverState,
  step: Extract<Step, { step: "wait" | "done" }>,
): Step {
  const at = now + Math.min(Math.max((now - startedAt) / 4, SOONEST_MS), LATEST_MS);
  if (step.step === "done") {
    const isPatient = now < startedAt + graceSeconds * 1000 + PATIENCE_MS;
    return isPatient ? { step: "wait", at, because: "consumers-lag" } : step;
  }
  // A key that consumers still use is not to be revoked: nobody is asked to.
  const because = step.because === "former-not-revoked" ? "consumers-lag" : step.because;
  return { ...step, because, at: Math.min(at, step.at) };
}
