/**
 * Follows a decision through every answer that the world can give, from one situation to every end that it can come
 * to. The world is as contrary as it can be, but it stays one world: who was refused stays refused, and who was
 * accepted is, until a staged secret is used for the first time. A secret that was just issued works.
 */
import type { PlatformState } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import {
  type IssuedSecret,
  keyIdOf,
  type Mode,
  promote,
  promoteStandby,
  putBackOld,
  retire,
  type Slots,
  stage,
  swapBack,
  swapForward,
} from "../../../src/core/slots.ts";
import type { Decide } from "../../../src/rotation/situation.ts";
import type { Answer, Answers, Situation, Step } from "../../../src/rotation/situation.ts";

/** Where one path has come to. */
export type Path = {
  readonly situation: Situation;
  readonly steps: readonly Step[];
  /** What Paddle accepts, or refuses, as far as it was asked. */
  readonly lives: ReadonlySet<Secret>;
  readonly dead: ReadonlySet<Secret>;
  readonly rotatable: boolean;
};

export type Watch = {
  /** Says what is wrong with a step, before it is done. */
  readonly step: (path: Path, step: Step) => readonly string[];
  /** Says what is wrong with slots that are about to be written. */
  readonly write: (path: Path, slots: Slots) => readonly string[];
};

/** More steps in one run than any right way has. */
const MOST_STEPS = 15;

/** What was wrong on any way, each as a sentence with the steps that led there. */
export function* explore(decide: Decide, watch: Watch, path: Path): Generator<string> {
  const step = decide(path.situation);
  const steps = [...path.steps, step];
  const wrong = [...watch.step(path, step)];
  if (steps.length > MOST_STEPS) wrong.push("it does not end");
  if (wrong.length > 0) {
    yield `${wrong.join(", ")}: ${steps.map(describe).join(" > ")}`;
    return;
  }
  for (const next of possible({ ...path, steps }, step)) {
    if (typeof next === "string") {
      yield `${next}: ${steps.map(describe).join(" > ")}`;
      continue;
    }
    const slots = next.situation.slots;
    const faults = slots === path.situation.slots ? [] : watch.write({ ...path, steps }, slots);
    if (faults.length > 0) yield `${faults.join(", ")}: ${steps.map(describe).join(" > ")}`;
    else yield* explore(decide, watch, next);
  }
}

/** Where a step leads, or why it cannot be done. */
function* possible(path: Path, step: Step): Generator<Path | string> {
  try {
    yield* follow(path, step);
  } catch (error) {
    yield `it names a step that cannot be done (${error instanceof Error ? error.message : "?"})`;
  }
}

function* follow(path: Path, step: Step): Generator<Path> {
  const { situation } = path;
  const { slots, keyId, now } = situation;
  switch (step.step) {
    case "ask":
      for (const next of asked(path, slots[step.slot]))
        yield learned(next, { [step.slot]: answerTo(next, slots[step.slot]) });
      return;
    case "activate":
      for (const next of asked(path, slots.pending)) {
        const pending = answerTo(next, slots.pending);
        const after = pending.accepted ? used(next, slots) : next;
        yield { ...after, situation: { ...situation, answers: { pending } } };
      }
      return;
    case "read-pending-rotation":
      for (const next of asked(path, slots.active)) yield* readRotation(next);
      return;
    case "list-strange-graces": {
      const strange = {
        id: "apkrot_x",
        keyId,
        status: "completed",
        graceSeconds: 60,
        expiresAt: now + 1,
        createdAt: null,
      } as const;
      yield learned(path, { strangeGraces: [] });
      yield learned(path, { strangeGraces: [strange] });
      return;
    }
    case "promote":
      yield written(path, promote(slots, step.former));
      return;
    case "put-back-old":
      yield written(path, putBackOld(slots));
      return;
    case "swap-forward":
      yield written(path, swapForward(slots));
      return;
    case "retire":
      yield written(path, retire(slots));
      return;
    case "issue":
      yield issued(path, keyId, step.graceSeconds, step.mode);
      return;
    case "renew-standby":
      yield issued(path, keyIdOf(step.standby) ?? "", 0, "revoke-first");
      yield learned(path, { standbyRotatable: false });
      yield learned(path, { standbyFaults: [{ kind: "refused", says: "Paddle refuses it." }] });
      return;
    case "find-standby":
      yield learned(path, { standbyElsewhere: null });
      yield learned(path, { standbyElsewhere: secretOf("apikey_01kzzzzzzzzzzzzzzzzzzzzzzz", "elsewhere") });
      return;
    case "check-standby":
      yield learned(path, { standbyFaults: [] });
      yield learned(path, { standbyFaults: [{ kind: "refused", says: "Paddle refuses it." }] });
      return;
    case "promote-standby":
      yield written(
        path,
        promoteStandby(slots, { ...step.standby, intentId: situation.intent.id }, step.until),
      );
      return;
    case "read-former":
      yield learned(path, { former: "unreadable" });
      yield learned(path, { former: keyOf(keyId, path.rotatable) });
      yield learned(path, { former: { ...keyOf(keyId, path.rotatable), status: "revoked" } });
      return;
    case "roll-out":
      for (const state of ["proved", "under-way"] as const) {
        const consumer = { name: "billing", state, instances: [], says: "it says so" };
        const startedAt = situation.now - 1_000;
        yield learned(path, { switchOver: { id: "1", startedAt, consumers: [consumer] } });
      }
      return;
    case "look-at-platform":
      for (const platform of platformStates(situation.now)) {
        const isRefused = !slots.active || situation.answers.active?.accepted === false;
        yield learned(path, { platform, ...(isRefused && { platformWhileRefused: platform }) });
      }
      return;
    case "ask-platform":
      yield learned(path, { platform: { kind: "running", since: situation.now } });
      return;
    case "look-at-checks": {
      const check = { name: "probe", says: "it says so", switchOverId: "1" };
      for (const failed of [null, check]) yield learned(path, { checks: { failed, nextAt: now + 1_000 } });
      return;
    }
    case "roll-back":
      yield learned(path, { rollback: "refused" });
      yield written(path, swapBack(slots));
      return;
    case "tell-roll-back":
      yield learned(path, { rollback: "told" });
      return;
    case "wait":
    case "page":
    case "done":
      return;
    default:
      step satisfies never;
  }
}

function platformStates(now: number): readonly PlatformState[] {
  const stuck = { kind: "stuck", since: now - 3_600_000, free: "free it" } as const;
  return [
    { kind: "idle" },
    { kind: "done" },
    { kind: "running", since: now - 1_000 },
    { ...stuck, finish: null },
    { ...stuck, finish: "finish it" },
  ];
}

function* readRotation(path: Path): Generator<Path> {
  const { slots, keyId, now } = path.situation;
  if (!answerTo(path, slots.active).accepted)
    return yield learned(path, { pendingRotation: "active-refused" });
  for (const status of ["pending", "completed", "canceled", "unknown"] as const) {
    const expiresAt = status === "completed" ? now + 1 : null;
    yield learned(path, {
      pendingRotation: { id: "apkrot_1", keyId, status, graceSeconds: 60, expiresAt, createdAt: now },
    });
  }
}

/** Paddle accepts this secret or refuses it, where that is not settled yet. */
function* asked(path: Path, issuedSecret: IssuedSecret | null): Generator<Path> {
  if (!issuedSecret) throw new Error("an empty slot was asked");
  const { secret } = issuedSecret;
  if (!path.dead.has(secret)) yield { ...path, lives: new Set([...path.lives, secret]) };
  if (!path.lives.has(secret)) yield { ...path, dead: new Set([...path.dead, secret]) };
}

function answerTo({ lives, situation, rotatable }: Path, whom: IssuedSecret | null): Answer {
  if (!whom || !lives.has(whom.secret)) return { accepted: false };
  return { accepted: true, key: keyOf(keyIdOf(whom) ?? "", rotatable), at: situation.now };
}

/** Anything may have died by the first use of the staged secret. */
function used(path: Path, { pending }: Slots): Path {
  return { ...path, lives: new Set(pending && [pending.secret]) };
}

function issued(path: Path, keyId: string, graceSeconds: number, mode: Mode): Path {
  const { situation, steps } = path;
  const fresh = secretOf(keyId, `fresh${steps.length}`);
  const known = { rotationId: "apkrot_2", issuedAt: situation.now, intentId: situation.intent.id };
  const after = written(path, stage(situation.slots, { ...fresh, ...known, mode, graceSeconds }));
  return { ...after, lives: new Set([...path.lives, fresh.secret]) };
}

function written(path: Path, slots: Slots): Path {
  return { ...path, situation: { ...path.situation, slots, answers: {} } };
}

function learned(path: Path, answers: Answers): Path {
  const { situation } = path;
  return { ...path, situation: { ...situation, answers: { ...situation.answers, ...answers } } };
}

function secretOf(keyId: string, mark: string): IssuedSecret {
  const secret = new Secret(`pdl_live_${keyId}_${mark.padEnd(22, "x")}_abc`);
  return { secret, rotationId: null, issuedAt: null, intentId: null };
}

function keyOf(id: string, rotatable: boolean) {
  const unknown = { exposedAt: null, permissions: [], lastUsedAt: null, expiresAt: null };
  return { id, name: "Billing worker", status: "active", rotatable, ...unknown } as const;
}

function describe(step: Step): string {
  const detail = [
    ...("slot" in step ? [step.slot] : []),
    ...("mode" in step ? [step.mode] : []),
    ...("because" in step ? [step.because] : []),
    ...("reason" in step ? [step.reason] : []),
    ...("result" in step ? [step.result] : []),
  ];
  return [step.step, ...detail].join(" ");
}
