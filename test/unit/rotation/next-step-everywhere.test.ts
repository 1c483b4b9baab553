/**
 * The three tables in every situation that slots can be in, through every answer that Paddle can give: what they may
 * never do, and that they always come to an end.
 */
import { describe, expect, it } from "vitest";
import type { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, keyIdOf, type Slots } from "../../../src/core/slots.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import { nextStep } from "../../../src/rotation/next-step.ts";
import { nextReplacementStep } from "../../../src/rotation/replacement.ts";
import { nextRevokeFirstStep } from "../../../src/rotation/revoke-first.ts";
import type { Answers, Situation, Step } from "../../../src/rotation/situation.ts";
import { explore, type Path } from "../../support/engine/explore.ts";
import {
  EARLIER,
  HOUR,
  intent,
  issued,
  KEY_ID,
  LATER,
  NOW,
  OTHER_KEY_ID,
  OWN,
  pending,
  situation,
} from "./situations.ts";

const KINDS: readonly IntentKind[] = [
  "expiring",
  "scheduled",
  "manual",
  "exposed",
  "expired",
  "revoked",
  "foreign-rotation",
  "resume",
];
const NO_OR_YES = [false, true];

const ACTIVES = [
  null,
  issued("first"),
  issued("second", OWN),
  issued("second", LATER),
  issued("o", {}, OTHER_KEY_ID),
];
const OLDS = [
  null,
  ...[NOW + HOUR, NOW - HOUR].map((until) => ({ ...issued("old"), until })),
  ...[NOW + HOUR, NOW - HOUR].map((until) => ({ ...issued("former", {}, OTHER_KEY_ID), until })),
];
const PENDINGS = [
  null,
  ...(["graceful", "revoke-first"] as const).flatMap((mode) =>
    [OWN, LATER, EARLIER].map((known) =>
      pending({ ...known, mode, graceSeconds: mode === "graceful" ? 3600 : 0 }),
    ),
  ),
  pending({ mode: "revoke-first", graceSeconds: 0 }, OTHER_KEY_ID),
];
const STANDBYS = [null, issued("standby", {}, OTHER_KEY_ID)];

function* everySlots(): Generator<Slots> {
  for (const active of ACTIVES)
    for (const old of OLDS)
      for (const staged of PENDINGS)
        for (const standby of STANDBYS)
          for (const rolledBack of old && keyIdOf(old) === KEY_ID ? NO_OR_YES : [false])
            yield { ...EMPTY_SLOTS, active, old, pending: staged, standby, rolledBack };
}

function* everySituation(kind: IntentKind): Generator<Situation> {
  for (const slots of everySlots())
    for (const exposureOpen of NO_OR_YES)
      for (const standbyElsewhere of slots.standby ? [false] : NO_OR_YES)
        yield situation({
          intent: intent(kind),
          slots,
          exposureOpen,
          standbyElsewhere,
          warnedExpiryAt: null,
        });
}

/** Which answer a step is after. */
const WANTED: Partial<Record<Step["step"], keyof Answers>> = {
  activate: "pending",
  "read-pending-rotation": "pendingRotation",
  "list-strange-graces": "strangeGraces",
  "find-standby": "standbyElsewhere",
  "check-standby": "standbyFaults",
  "read-former": "former",
};

function* faultsOf({ situation: { slots, answers, keyId, intent: asked } }: Path, step: Step) {
  const wanted = step.step === "ask" ? step.slot : WANTED[step.step];
  if (wanted && answers[wanted] !== undefined) yield "it asks what it knows";
  const asks = step.step === "ask" && step.slot !== "standby" ? slots[step.slot] : null;
  if (asks && keyIdOf(asks) !== keyId) yield "it authenticates with another key than its own";
  if (step.step === "activate" && !slots.pending) yield "it activates what is not staged";
  if (step.step === "promote" && !isActivated(answers)) yield "it promotes what was not activated";
  if (step.step === "issue" && !answers.active?.accepted && answers.pendingRotation === undefined)
    yield "it issues with a secret that it did not see alive";
  if (step.step === "promote-standby" && answers.standbyFaults?.length !== 0)
    yield "it uses a standby that did not pass";
  const isTold = asked.kind === "revoked" || asked.kind === "expired";
  if (step.step === "retire" && !answers.old && !isTold && !(typeof answers.former === "object"))
    yield "it retires a secret that may live";
}

function* secondGrace({ situation: { slots, keyId }, dead }: Path, step: Step) {
  const { old } = slots;
  const isGraceful = step.step === "issue" && step.mode === "graceful";
  if (isGraceful && old && keyIdOf(old) === keyId && !dead.has(old.secret)) yield "it begins a second grace";
}

function isActivated({ pending: staged, pendingRotation }: Answers): boolean {
  if (staged) return staged.accepted;
  return typeof pendingRotation === "object" && pendingRotation.status === "completed";
}

/** A secret that leaves the store was refused by Paddle, its key is reported dead, or people know that it lives. */
function* lossesOf({ situation: { slots, keyId, intent: asked, answers }, dead, steps }: Path, after: Slots) {
  const isReportedDead =
    asked.kind === "revoked" || asked.kind === "expired" || typeof answers.former === "object";
  // Another key takes over: the former one is watched and ended as a whole.
  if (isReportedDead || (after.active && keyIdOf(after.active) !== keyId)) return;
  const last = steps.at(-1);
  const alarms = last?.step === "promote" ? last.alarms : [];
  const kept = [after.active, after.old].flatMap((held) => (held ? [held.secret] : []));
  for (const slot of ["active", "old"] as const) {
    const held = slots[slot];
    if (!held || keyIdOf(held) !== keyId || kept.includes(held.secret) || alarms.includes(slot)) continue;
    if (!dead.has(held.secret)) yield `${slot} leaves the store and may live`;
  }
}

/**
 * Slots that the engine makes by itself, whatever happens to it. A person who edits the store or loses the records
 * can make others: then it still ends, and asks nothing twice, but a secret that lives may be dropped.
 */
function isOfTheEngine({
  slots: { active, old, pending: staged, rolledBack },
  exposureOpen,
}: Situation): boolean {
  const isInGrace = old !== null && keyIdOf(old) === KEY_ID;
  if (isInGrace && (!active || keyIdOf(active) !== KEY_ID)) return false;
  if (!staged) return true;
  return !rolledBack && !(isInGrace && (staged.mode === "graceful" || !exposureOpen));
}

const NOBODY: ReadonlySet<Secret> = new Set();

function describeStart({ slots, intent: { kind }, exposureOpen }: Situation): string {
  const held = (["active", "old", "pending", "standby"] as const).flatMap((slot) => {
    const secret = slots[slot];
    return secret ? [`${slot} ${secret.secret.reveal().slice(43, 50)} (${secret.intentId})`] : [];
  });
  const marks = [...(slots.rolledBack ? ["rolled back"] : []), ...(exposureOpen ? ["exposed"] : [])];
  return [kind, ...held, ...marks].join(", ");
}

describe("in every situation and through every answer", () => {
  const tables = { nextStep, nextRevokeFirstStep, nextReplacementStep };
  it.each(Object.entries(tables))(
    "%s does what it may, and ends",
    (_name, decide) => {
      const always = { step: (path: Path, step: Step) => [...faultsOf(path, step)], write: () => [] };
      const engine = {
        step: (path: Path, step: Step) => [...faultsOf(path, step), ...secondGrace(path, step)],
        write: (path: Path, slots: Slots) => [...lossesOf(path, slots)],
      };
      const faults = new Map<string, string>();
      for (const kind of KINDS)
        for (const start of everySituation(kind))
          for (const rotatable of NO_OR_YES) {
            const path = { situation: start, steps: [], lives: NOBODY, dead: NOBODY, rotatable };
            const watch = isOfTheEngine(start) ? engine : always;
            for (const fault of explore(decide, watch, path)) faults.set(fault, describeStart(start));
          }
      expect(Object.fromEntries(faults)).toEqual({});
    },
    60_000,
  );
});
