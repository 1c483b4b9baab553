/**
 * The shape `versions`: every secret is a version of its own and labels say which is which, AWSCURRENT first of all.
 * Whoever moves the label of the notes writes; then the other labels follow, each from where it was seen.
 */
import { createHash, randomUUID } from "node:crypto";
import { StoreError } from "../../core/errors.ts";
import type { Version } from "../../core/ports.ts";
import { fromFields, toFields, versionOf } from "../../core/slot-fields.ts";
import type { Slots } from "../../core/slots.ts";
import { refusal } from "../faults.ts";
import { overtaken, placeOf } from "./faults.ts";
import { holders, type Move, type Plan, planMoves, type Seen, textsOf } from "./labels.ts";
import { recall, remember, type SecretTexts } from "./memory.ts";
import { managedSlots } from "./managed-slots.ts";
import { type AwsSecretsManagerOptions, LABELS, MANAGED_TYPE } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";
import { firstValue, secretIn } from "./value.ts";
import { checkOurs } from "./writable.ts";

type State = {
  readonly seen: Seen;
  readonly described: Described;
  readonly texts: SecretTexts;
  readonly slots: Slots;
  readonly revision: number;
  readonly version: Version;
};

export class VersionsStore {
  readonly #options: AwsSecretsManagerOptions;

  constructor(options: AwsSecretsManagerOptions) {
    this.#options = options;
  }

  async read(secret: AwsSecret): Promise<{ slots: Slots; version: Version }> {
    const { slots, version, described } = await this.#load(secret);
    const isManaged = described.type === MANAGED_TYPE;
    return { slots: isManaged ? await managedSlots(slots, described, secret) : slots, version };
  }

  async write(secret: AwsSecret, slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    let state = await this.#load(secret);
    await checkOurs(secret, state.described, this.#options);
    if (state.version !== expected) return "conflict";
    if (state.seen.at.current === null) {
      await beginValue(secret, firstValue("versions", this.#options));
      state = await this.#load(secret);
      if (state.version !== expected) return "conflict";
    }
    const revision = state.revision + 1;
    const notes = randomUUID();
    await secret.put(notes, remember(state.slots, slots, revision));
    if ((await secret.move(LABELS.notes, state.seen.at.notes, notes)) === "taken") return "conflict";
    const { notes: _notes, ...texts } = toFields({ slots, revision });
    const mark = JSON.stringify([
      slots.pending?.rotationId,
      slots.active?.rotationId,
      slots.standby?.rotationId,
      revision,
    ]);
    return this.#carryOut(secret, planMoves(state.seen, state.seen.at.current ?? "", texts, mark));
  }

  /** From here on the slots are of another version, whatever happens. */
  async #carryOut(secret: AwsSecret, { puts, moves }: Plan): Promise<"written" | "conflict"> {
    let begun = false;
    try {
      for (const { versionId, text } of puts) await secret.put(versionId, text);
      for (const move of moves) {
        if ((await secret.move(move.label, move.from, move.to)) === "taken") {
          if (begun) throw overtaken(this.#options, move.label);
          return "conflict";
        }
        begun ||= changesSlots(move);
      }
      return "written";
    } catch (error) {
      if (!(error instanceof StoreError) || error.effect === "unknown") throw error;
      throw new StoreError(error.message, { effect: "unknown", retry: error.retry });
    }
  }

  async #load(secret: AwsSecret): Promise<State> {
    const described = await secret.describe();
    const managed = described.type === MANAGED_TYPE;
    const at = (label: string) => described.labels.get(label) ?? null;
    const seen = {
      at: {
        current: at(LABELS.current),
        previous: at(LABELS.previous),
        // What AWS stages, AWS activates.
        pending: managed ? null : at(LABELS.pending),
        standby: managed ? null : at(LABELS.standby),
        old: managed ? null : at(LABELS.old),
        notes: managed ? null : at(LABELS.notes),
        draft: null,
      },
      field: this.#options.field,
    };
    const versionIds = [...new Set(Object.values(seen.at).filter((versionId) => versionId !== null))];
    const values = new Map(
      await Promise.all(
        versionIds.map(async (versionId) => [versionId, await secret.text(versionId)] as const),
      ),
    );
    this.#checkCurrent(values.get(seen.at.current ?? "") ?? null);
    return this.#stateOf({ ...seen, values }, described);
  }

  #stateOf(seen: Seen, described: Described): State {
    const texts = textsOf(holders(seen));
    const memory = seen.at.notes === null ? null : (seen.values.get(seen.at.notes) ?? null);
    const { slots, revision } = fromFields({ ...texts, notes: recall(memory, texts) });
    return { seen, described, texts, slots, revision, version: versionOf({ ...texts, notes: memory }) };
  }

  #checkCurrent(value: string | null): void {
    const { field } = this.#options;
    if (value !== null && secretIn(value, field) === undefined)
      throw refusal(
        placeOf(this.#options),
        `has a field ${field} that is not a text`,
        "set field to the name of the one that holds the key",
      );
  }
}

/** Gives a secret without a value its first one; whoever else does so at once makes the same version. */
export async function beginValue(secret: AwsSecret, text: string): Promise<string> {
  const versionId = createHash("sha256").update(`paddle-key-rotator begins with ${text}`).digest("hex");
  await secret.put(versionId, text);
  // AWS puts AWSCURRENT on a secret's first version by itself, but a rotation that broke off may have left one.
  const current = (await secret.describe()).labels.get(LABELS.current);
  if (current === undefined) await secret.move(LABELS.current, null, versionId);
  return versionId;
}

function changesSlots({ label }: Move): boolean {
  return label === LABELS.current || label === LABELS.pending || label === LABELS.standby;
}
