/**
 * The shape `fields`: one JSON value holds all secrets of a key, each in a field of its own. A new value is put as a
 * version without AWSCURRENT, and becomes current only if the one that was read still is.
 */
import { randomUUID } from "node:crypto";
import type { StoreGuide } from "../../core/ports.ts";
import type { SlotFields } from "../../core/slot-fields.ts";
import { refusal } from "../faults.ts";
import type { FieldChanges, FieldsDocument } from "../fields-store.ts";
import { placeOf } from "./faults.ts";
import { type AwsSecretsManagerOptions, LABELS } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";
import { fieldText, firstValue, jsonFields, notesField, withFields } from "./value.ts";
import { beginValue } from "./versions-store.ts";
import { checkOurs, checkWritable } from "./writable.ts";

type Guard = {
  readonly described: Described;
  readonly versionId: string | null;
  readonly text: string | null;
};

export class SecretFieldsDocument implements FieldsDocument<Guard> {
  readonly location: string;
  readonly guide: StoreGuide;
  readonly #options: AwsSecretsManagerOptions;
  readonly #secret: AwsSecret;

  constructor(
    secret: AwsSecret,
    options: AwsSecretsManagerOptions,
    shown: Pick<FieldsDocument<Guard>, "location" | "guide">,
  ) {
    this.location = shown.location;
    this.guide = shown.guide;
    this.#options = options;
    this.#secret = secret;
  }

  async load(): Promise<{ fields: SlotFields; guard: Guard }> {
    const described = await this.#secret.describe();
    const versionId = described.labels.get(LABELS.current) ?? null;
    const text = versionId === null ? null : await this.#secret.text(versionId);
    return { fields: this.#fieldsOf(text), guard: { described, versionId, text } };
  }

  async save(changes: FieldChanges, guard: Guard): Promise<"written" | "conflict"> {
    await checkOurs(this.#secret, guard.described, this.#options);
    const first = firstValue("fields", this.#options);
    const from = guard.versionId ?? (await beginValue(this.#secret, first));
    const names = this.#names();
    const named = Object.entries(names).flatMap(([slot, name]) => {
      const value = changes[slot as keyof SlotFields];
      return value === undefined ? [] : [[name, value] as const];
    });
    const to = randomUUID();
    await this.#secret.put(to, withFields(guard.text ?? first, Object.fromEntries(named)));
    return (await this.#secret.move(LABELS.current, from, to)) === "moved" ? "written" : "conflict";
  }

  async checkWritable(): Promise<void> {
    await checkWritable(this.#secret, this.#options);
  }

  #names(): Readonly<Record<keyof SlotFields, string>> {
    return { ...this.#options.fields, notes: notesField(this.#options) };
  }

  #fieldsOf(text: string | null): SlotFields {
    const values = text === null ? {} : jsonFields(text);
    if (values === null)
      throw refusal(placeOf(this.#options), "is not a JSON object", "store one, or set shape: versions");
    const names = this.#names();
    const read = (slot: keyof SlotFields) => {
      const value = fieldText(values, names[slot]);
      if (value !== undefined) return value;
      throw refusal(
        placeOf(this.#options),
        `has a field ${names[slot]} that is not a text`,
        "mend it, or give the key other fields",
      );
    };
    return {
      active: read("active"),
      old: read("old"),
      pending: read("pending"),
      standby: read("standby"),
      notes: read("notes"),
    };
  }
}
