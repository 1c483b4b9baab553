/**
 * The slots of a managed key as named texts of one document, such as a Vault secret or a Kubernetes Secret, on a
 * platform that can refuse a write to a document which has changed since it was read.
 */
import { StoreError } from "../core/errors.ts";
import type { SecretStore, StoreGuide, Version } from "../core/ports.ts";
import { fromFields, type SlotFields, toFields, versionOf } from "../core/slot-fields.ts";
import type { Slots } from "../core/slots.ts";
import { setback } from "./faults.ts";

/** Texts to be set; a field that is no more becomes empty, and one that never was is not named here. */
export type FieldChanges = Readonly<Partial<Record<keyof SlotFields, string>>>;

/** One document of one platform. `Guard` names a state of the whole document. Throws StoreError. */
export interface FieldsDocument<Guard> {
  readonly location: string;
  readonly guide: StoreGuide;
  load(): Promise<{ readonly fields: SlotFields; readonly guard: Guard }>;
  /** Changes these fields and nothing else. `conflict`: the document is not that of `guard`; nothing was written. */
  save(changes: FieldChanges, guard: Guard): Promise<"written" | "conflict">;
  checkWritable(): Promise<void>;
}

// Another field of the document may change at any time; that is no conflict of ours, but no reason to try for ever.
const ATTEMPTS = 5;

export class FieldsStore<Guard> implements SecretStore {
  readonly #document: FieldsDocument<Guard>;

  constructor(document: FieldsDocument<Guard>) {
    this.#document = document;
  }

  get location(): string {
    return this.#document.location;
  }

  get guide(): StoreGuide {
    return this.#document.guide;
  }

  async read(): Promise<{ slots: Slots; version: Version }> {
    const { fields } = await this.#document.load();
    return { slots: fromFields(fields).slots, version: versionOf(fields) };
  }

  async write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    let sent: Version | null = null;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { fields, guard } = await this.#document.load();
      const version = versionOf(fields);
      // A client that repeats a call by itself may be refused by its own first try.
      if (version === sent) return "written";
      if (version !== expected) return "conflict";
      const wanted = toFields({ slots, revision: fromFields(fields).revision + 1 });
      sent = versionOf(wanted);
      if ((await this.#save(changesBetween(fields, wanted), guard, sent)) === "written") return "written";
    }
    throw setback(
      this.location,
      `changed ${ATTEMPTS} times while it was being written`,
      "find out who writes it so often; nothing has changed",
    );
  }

  async checkWritable(): Promise<readonly string[]> {
    await this.#document.checkWritable();
    return [];
  }

  /** Where the answer is lost, the document says what became of the write. */
  async #save(changes: FieldChanges, guard: Guard, sent: Version): Promise<"written" | "conflict"> {
    try {
      return await this.#document.save(changes, guard);
    } catch (error) {
      if (!(error instanceof StoreError) || error.effect === "none") throw error;
      const found = await this.#document.load().catch(() => null);
      if (found && versionOf(found.fields) === sent) return "written";
      throw error;
    }
  }
}

function changesBetween(before: SlotFields, after: SlotFields): FieldChanges {
  const changed = (["active", "old", "pending", "standby", "notes"] as const).filter(
    (field) => before[field] !== after[field],
  );
  return Object.fromEntries(changed.map((field) => [field, after[field] ?? ""]));
}
