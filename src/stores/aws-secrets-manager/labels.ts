/**
 * What the labels of a secret of the shape `versions` say about slots, and which labels to move, in which order, so
 * that they say something else. Everywhere on the way they say what was or what will be. Nothing here touches AWS.
 */
import { createHmac } from "node:crypto";
import { LABELS, type Label } from "./options.ts";
import type { SecretTexts } from "./memory.ts";
import { secretIn, withSecret } from "./value.ts";

/** The versions that matter, and their values. */
export type Seen = {
  /** The version that each label is on. */
  readonly at: Readonly<Record<keyof typeof LABELS, string | null>>;
  /** Values by version; a version may have none. */
  readonly values: ReadonlyMap<string, string | null>;
  readonly field: string;
};

/** Where the secret of each slot is. */
type Held = { readonly text: string; readonly versionId: string } | null;
export type Holders = Readonly<Record<keyof SecretTexts, Held>>;

export type Put = { readonly versionId: string; readonly text: string };
export type Move = { readonly label: Label; readonly from: string | null; readonly to: string | null };
export type Plan = { readonly puts: readonly Put[]; readonly moves: readonly Move[] };

export function holders(seen: Seen): Holders {
  const at = (label: keyof typeof LABELS): Held => {
    const versionId = seen.at[label];
    const text = versionId === null ? null : textOf(seen, versionId);
    return versionId === null || text === null ? null : { text, versionId };
  };
  const [active, standby] = [at("current"), at("standby")];
  // A label that is left on what has been promoted says nothing any more.
  const promoted = active ?? standby;
  const other = (held: Held) => (held?.text === promoted?.text ? null : held);
  return {
    active,
    old: other(at("old")) ?? other(at("previous")),
    pending: other(at("pending")),
    standby: standby?.text === active?.text ? null : standby,
  };
}

export function textsOf({ active, old, pending, standby }: Holders): SecretTexts {
  return {
    active: active?.text ?? null,
    old: old?.text ?? null,
    pending: pending?.text ?? null,
    standby: standby?.text ?? null,
  };
}

/**
 * @param seen has a current version
 * @param mark says which write this is, so that its repetition makes the same versions and no other write does
 */
export function planMoves(seen: Seen, current: string, after: SecretTexts, mark: string): Plan {
  const before = holders(seen);
  const model = seen.values.get(current) ?? "";
  const puts: Put[] = [];
  const make = (slot: string, secret: string | null): string => {
    const text = withSecret(model, seen.field, secret);
    // Whoever may see version ids must not be able to guess values by them: the key of the HMAC is a secret.
    const key = secret ?? before.active?.text ?? "";
    const versionId = createHmac("sha256", key)
      .update(JSON.stringify([mark, slot, text]))
      .digest("hex");
    puts.push({ versionId, text });
    return versionId;
  };
  const keepOrMake = (slot: keyof SecretTexts): string | null => {
    const wanted = after[slot];
    if (wanted === null) return null;
    const held = before[slot];
    return held?.text === wanted ? held.versionId : make(slot, wanted);
  };

  const active = activeVersion();
  const old = after.old !== null && after.old === before.active?.text ? current : keepOrMake("old");
  const moves: Move[] = [];
  const at: Record<string, string | null> = { ...seen.at };
  const move = (name: keyof typeof LABELS, to: string | null) => {
    if (at[name] === to) return;
    moves.push({ label: LABELS[name], from: at[name] ?? null, to });
    if (name === "current") at["previous"] = current;
    at[name] = to;
  };

  if (at["old"] !== old) {
    // Our label is moved first; until another secret is promoted, AWS's own has to say which one is the old one.
    const promotes = inUse(after) !== inUse(textsOf(before));
    if (promotes && before.old && at["old"] === before.old.versionId) move("previous", at["old"]);
    move("old", old);
  }
  move("current", active);
  const standby = keepOrMake("standby");
  if (standby !== null) move("standby", standby);
  if (old !== null) move("previous", old);
  else if (saysTooMuch(at["previous"])) move("previous", null);
  move("pending", keepOrMake("pending"));
  move("standby", standby);
  return { puts, moves };

  /** A version that was never current, or AWSCURRENT would be where an overtaken writer still expects it. */
  function activeVersion(): string {
    if ((before.active?.text ?? null) === after.active) return current;
    const ready = [before.pending, before.standby].find(
      (held) =>
        held?.text === after.active &&
        held.versionId !== seen.at.previous &&
        held.versionId !== seen.at.old &&
        // A person may have changed another field since it was staged.
        seen.values.get(held.versionId) === withSecret(model, seen.field, held.text),
    );
    return ready?.versionId ?? make("active", after.active);
  }

  /** AWSPREVIOUS is taken off what was active or old before, and from nothing that nobody has looked at. */
  function saysTooMuch(versionId: string | null | undefined): boolean {
    const text = versionId ? textOf(seen, versionId) : null;
    return (
      text !== null && text !== inUse(after) && (text === before.active?.text || text === before.old?.text)
    );
  }
}

/** What is promoted: in a standby's store of its own, which has no active secret, the standby. */
function inUse({ active, standby }: SecretTexts): string | null {
  return active ?? standby;
}

function textOf({ values, field }: Seen, versionId: string): string | null {
  const value = values.get(versionId) ?? null;
  return value === null ? null : (secretIn(value, field) ?? null);
}
