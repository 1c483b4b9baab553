/**
 * Looks at the checks of a key whose applications were given another secret, and tells people of those that fail. What
 * was seen is remembered in the records: the next look may be another instance's.
 */
import { z } from "zod";
import { callOff, isOpen, tellOnce } from "../alerts/incidents.ts";
import { checkFailed, checkGoodAgain, type CheckSubject } from "../alerts/check-messages.ts";
import type { Check, CheckAnswer } from "../core/check.ts";
import { describeError } from "../core/public-error.ts";
import type { Slots } from "../core/slots.ts";
import { rememberLeak } from "./check-leaks.ts";
import { judgeChecks, looksToJudge } from "./checks.ts";
import { filled, note } from "./noted.ts";
import type { Run } from "./steps.ts";
import { endChecksOf } from "./switch-over-end.ts";
import { beginSwitchOver, latestSwitchOver, type SwitchOverStart, wasTold } from "./switch-over-start.ts";
import type { CheckedState, FailedCheck } from "./checked-state.ts";

/** A job that is woken a moment before its time has not come too early. */
const EARLY_MS = 1_000;
/** After its window, a check that failed is looked at once in a while, so that people hear when it is good again. */
const AFTERWARDS_MS = 5 * 60_000;

const Seen = z.object({
  at: z.number(),
  /** The switch-over that was looked at. */
  of: z.string(),
  state: z.enum(["good", "bad", "unknown"]),
  says: z.string(),
});
type Seen = z.output<typeof Seen>;

const NOT_LOOKED_AT = { failed: null, nextAt: null } satisfies CheckedState;

/** Throws QueueError; whatever is wrong with a check is an answer of its own. */
export async function lookAtChecks(run: Run, slots: Slots): Promise<CheckedState> {
  await rememberLeak(run, slots);
  const start = await beginSwitchOver(run, filled(slots, "active"));
  const told = await Promise.all(run.key.consumers.map(({ name }) => wasTold(run, start.id, name)));
  // What applications do with the former secret says nothing about the new one.
  if (told.includes(false)) return NOT_LOOKED_AT;
  const states = await Promise.all(run.key.checks.map((check) => lookAt(run, slots, start, check)));
  const times = states.flatMap(({ nextAt }) => nextAt ?? []);
  return {
    failed: states.find(({ failed }) => failed !== null)?.failed ?? null,
    nextAt: times.length === 0 ? null : Math.min(...times),
  };
}

/** What failed and was never good again is an incident without end, unless somebody says that nobody looks any more. */
export async function endChecks(run: Run, why: string): Promise<void> {
  if (run.key.checks.length === 0) return;
  const last = await latestSwitchOver(run);
  if (last) await endChecksOf(run, last.id, why);
}

function incidentOf(about: CheckSubject): string {
  return checkFailed(about, { says: "", noRollback: null, until: null }, 0).id;
}

async function lookAt(run: Run, slots: Slots, start: SwitchOverStart, check: Check): Promise<CheckedState> {
  const { key, work, clock, records } = run;
  const { name } = check;
  const about: CheckSubject = { key, work, name, switchOverId: start.id };
  const failure = (says: string) =>
    checkFailed(about, { says, noRollback: null, until: slots.old?.until ?? null }, clock.now());
  const incidentId = incidentOf(about);
  const isInWindow = clock.now() < start.startedAt + check.windowMs;
  if (!isInWindow && !(await isOpen(incidentId, records))) return NOT_LOOKED_AT;

  const pauseMs = isInWindow ? check.everyMs : Math.max(check.everyMs, AFTERWARDS_MS);
  const looks = await look(run, start, check, pauseMs);
  const [newest] = looks;
  if (!newest) return NOT_LOOKED_AT;
  const { says, state, at } = newest;
  const verdict = judgeChecks(looks, check, clock.now());
  await noteChange(run, name, state, says);
  if (verdict === "good") await callOff(incidentId, checkGoodAgain(about, says, clock.now()), run);
  const isFailed = verdict === "bad" && isInWindow;
  if (isFailed && check.onFailure === "alert") await tellOnce(failure(says), run);
  const failed: FailedCheck | null =
    isFailed && check.onFailure === "rollback" ? { name, says, switchOverId: start.id } : null;
  return { failed, nextAt: at + pauseMs };
}

/** Newest first. Looks if it is time to, and nobody else has. */
async function look(
  run: Run,
  start: SwitchOverStart,
  check: Check,
  pauseMs: number,
): Promise<readonly Seen[]> {
  const list = `check-looks-${run.key.name}-${check.name}`;
  const entries = await run.records.list(list, { limit: looksToJudge(check) });
  const seenBefore = entries.flatMap(({ value }) => Seen.safeParse(value).data ?? []);
  const looks = seenBefore.filter(({ of }) => of === start.id);
  const [newest] = looks;
  if (newest && run.clock.now() < newest.at + pauseMs - EARLY_MS) return looks;
  const seen: Seen = { ...(await answerOf(check)), at: run.clock.now(), of: start.id };
  await run.records.append(list, seen);
  return [seen, ...looks];
}

/** Not even a fault in a check holds up a rotation. */
async function answerOf(check: Check): Promise<CheckAnswer> {
  try {
    return await check.look();
  } catch (error) {
    return { state: "unknown", says: `It cannot be looked at: ${describeError(error)}.` };
  }
}

/** A job's log has room for what changes. */
async function noteChange(run: Run, name: string, state: string, says: string): Promise<void> {
  const fact = `check-${name}`;
  const change = `Check ${name} is ${state}: `;
  if (!run.hold.journal.facts[fact]?.says.startsWith(change)) await note(run, fact, `${change}${says}`, 75);
}
