/**
 * A SecretStore in memory, for tests. It keeps texts, as every real store does, so that slots go through the
 * same conversion; it passes the same contract suite as the real stores.
 */
import { StoreError } from "../../src/core/errors.ts";
import type { SecretStore, StoreGuide, Version } from "../../src/core/ports.ts";
import { fromFields, type SecretField, type SlotFields, toFields } from "../../src/core/slot-fields.ts";
import { EMPTY_SLOTS, type Slots } from "../../src/core/slots.ts";

const NO_FIELDS: SlotFields = { active: null, old: null, pending: null, standby: null, notes: null };

export class MemoryStore implements SecretStore {
  readonly location: string = "memory";
  readonly guide: StoreGuide = { applicationsRead: "memory", needs: [] };
  #fields: SlotFields;
  /** What the fields say, once somebody asked: the invariants look after every effect. */
  #read: ReturnType<typeof fromFields> | null = null;
  /** Grows with every change, whoever makes it; that is all a version needs to be. */
  #changes = 0;

  constructor(slots?: Partial<Slots>) {
    this.#fields = slots ? toFields({ slots: { ...EMPTY_SLOTS, ...slots }, revision: 0 }) : NO_FIELDS;
  }

  /** What the store holds now. */
  get slots(): Slots {
    return this.#content().slots;
  }

  read(): Promise<{ slots: Slots; version: Version }> {
    return Promise.resolve({ slots: this.slots, version: this.#version() });
  }

  write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    if (expected !== this.#version()) return Promise.resolve("conflict");
    this.#put(toFields({ slots, revision: this.#content().revision + 1 }));
    return Promise.resolve("written");
  }

  checkWritable(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  /** Puts a text into one field, as a person would: past the rotator, leaving its notes alone. */
  edit(field: SecretField, text: string | null): void {
    this.#put({ ...this.#fields, [field]: text });
  }

  /** Brings back a whole earlier state, as a restored backup does: `backup` from here, `restore` there. */
  backup(): SlotFields {
    return this.#fields;
  }

  restore(backup: SlotFields): void {
    this.#put(backup);
  }

  #content(): ReturnType<typeof fromFields> {
    return (this.#read ??= fromFields(this.#fields));
  }

  #put(fields: SlotFields): void {
    this.#fields = fields;
    this.#read = null;
    this.#changes += 1;
  }

  #version(): Version {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- versions are branded, and a store makes its own
    return String(this.#changes) as Version;
  }
}

/** Where a fault strikes. After a write, the slots have changed although the caller is told of a failure. */
export type FaultPoint = "read" | "before-write" | "after-write" | "check";

/** Any store, with faults on order. Each ordered fault strikes once; of one point, the first ordered strikes first. */
export class FaultyStore implements SecretStore {
  readonly #store: SecretStore;
  readonly #faults: { point: FaultPoint; error: Error }[] = [];

  constructor(store: SecretStore) {
    this.#store = store;
  }

  get location(): string {
    return this.#store.location;
  }

  get guide(): StoreGuide {
    return this.#store.guide;
  }

  /** Orders a fault. By default the error that a real store would throw there. */
  failNext(point: FaultPoint, error: Error = faultAt(point)): void {
    this.#faults.push({ point, error });
  }

  async read(): Promise<{ slots: Slots; version: Version }> {
    this.#strike("read");
    return this.#store.read();
  }

  async write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    this.#strike("before-write");
    const result = await this.#store.write(slots, expected);
    if (result === "written") this.#strike("after-write");
    return result;
  }

  async checkWritable(): Promise<readonly string[]> {
    this.#strike("check");
    return this.#store.checkWritable();
  }

  #strike(point: FaultPoint): void {
    const index = this.#faults.findIndex((fault) => fault.point === point);
    if (index === -1) return;
    const [fault] = this.#faults.splice(index, 1);
    if (fault) throw fault.error;
  }
}

function faultAt(point: FaultPoint): StoreError {
  const effect = point === "after-write" ? "unknown" : "none";
  return new StoreError(`the store failed on order: ${point}`, { effect, retry: "later" });
}
