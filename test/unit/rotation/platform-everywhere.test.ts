/**
 * The table of keys that their platform rotates, in every situation and through every answer: it writes nothing, it
 * kills nothing that it did not see replaced, and it comes to an end.
 */
import { expect, it } from "vitest";
import type { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, keyIdOf, type Slots } from "../../../src/core/slots.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import { platformTable, type Way } from "../../../src/rotation/platform.ts";
import type { Situation, Step } from "../../../src/rotation/situation.ts";
import { explore, type Path } from "../../support/engine/explore.ts";
import { EARLIER, HOUR, intent, issued, KEY_ID, LATER, NOW, OTHER_KEY_ID, situation } from "./situations.ts";

const KINDS: Readonly<Record<Way, readonly IntentKind[]>> = {
  graceful: ["expiring", "scheduled", "manual", "exposed"],
  resumed: ["resume"],
  "revoke-first": ["exposed", "foreign-rotation", "manual", "resume"],
  replace: ["expired", "revoked", "manual", "resume"],
};
const ACTIVES = [null, issued("now", EARLIER), issued("now", LATER), issued("o", LATER, OTHER_KEY_ID)];
const OLDS = [
  null,
  ...[NOW + HOUR, NOW - HOUR].flatMap((until) => [
    { ...issued("old", EARLIER), until },
    { ...issued("former", {}, OTHER_KEY_ID), until },
  ]),
];

function* everySituation(kind: IntentKind): Generator<Situation> {
  for (const active of ACTIVES)
    for (const old of OLDS)
      for (const exposureOpen of [false, true])
        for (const standbyElsewhere of [false, true]) {
          const slots: Slots = { ...EMPTY_SLOTS, active, old };
          yield situation({
            intent: intent(kind),
            slots,
            exposureOpen,
            standbyElsewhere,
            warnedExpiryAt: null,
          });
        }
}

const LOOKS_AND_ASKS: readonly Step["step"][] = [
  "done",
  "ask",
  "list-strange-graces",
  "find-standby",
  "read-former",
  "wait",
  "page",
  "look-at-platform",
  "ask-platform",
];

function* faultsOf(path: Path, step: Step): Generator<string> {
  const { slots, answers, keyId, intent: asked } = path.situation;
  if (!LOOKS_AND_ASKS.includes(step.step)) yield "it would write";
  if (step.step === "ask" && answers[step.slot]) yield "it asks what it knows";
  const held = step.step === "ask" && step.slot !== "standby" ? slots[step.slot] : null;
  if (held && keyIdOf(held) !== keyId) yield "it authenticates with another key than its own";
  const isOfOldInGrace = step.step === "ask" && step.slot === "old" && (slots.old?.until ?? 0) > NOW;
  if (isOfOldInGrace && ["expiring", "scheduled"].includes(asked.kind))
    yield "it uses the old secret in its grace";
  if (step.step === "ask-platform") {
    if (answers.platform?.kind !== "idle") yield "it asks a platform that is not idle";
    if (!answers.active?.accepted) yield "it has a secret rotated that it did not see alive";
    const { old } = slots;
    const lives = old && keyIdOf(old) === KEY_ID && !path.dead.has(old.secret);
    if (step.graceSeconds > 0 && lives) yield "it begins a second grace";
  }
}

const NOBODY: ReadonlySet<Secret> = new Set();

it.each(Object.entries(KINDS) as [Way, readonly IntentKind[]][])(
  "%s does what it may, and ends",
  (way, kinds) => {
    const faults = new Set<string>();
    const watch = { step: (path: Path, step: Step) => [...faultsOf(path, step)], write: () => ["it writes"] };
    for (const kind of kinds)
      for (const start of everySituation(kind))
        for (const rotatable of [false, true]) {
          const path = { situation: start, steps: [], lives: NOBODY, dead: NOBODY, rotatable };
          for (const fault of explore(platformTable(way), watch, path)) faults.add(`${kind}: ${fault}`);
        }
    expect([...faults]).toEqual([]);
  },
);
