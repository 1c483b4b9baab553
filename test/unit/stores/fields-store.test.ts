/** Slots in one document of a platform: what is no conflict, what is one, and what became of a write without an answer. */
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import type { SlotFields } from "../../../src/core/slot-fields.ts";
import { EMPTY_SLOTS, retire, stage } from "../../../src/core/slots.ts";
import { type FieldChanges, type FieldsDocument, FieldsStore } from "../../../src/stores/fields-store.ts";
import { issued, pending, plain } from "../../contract/secret-store-samples.ts";

type Save = (apply: () => void) => "written" | "conflict";

class MemoryDocument implements FieldsDocument<number> {
  readonly location = "a document";
  readonly guide = { applicationsRead: "a field", needs: [] };
  fields: SlotFields = { active: null, old: null, pending: null, standby: null, notes: null };
  /** Changes with anything in the document, ours or not. */
  version = 0;
  readonly changes: FieldChanges[] = [];
  /** What the next saves do instead of being right. */
  readonly saves: Save[] = [];

  async load() {
    return { fields: this.fields, guard: this.version };
  }

  async save(changes: FieldChanges, guard: number): Promise<"written" | "conflict"> {
    const apply = () => {
      this.changes.push(changes);
      const fields = Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, text || null]));
      this.fields = { ...this.fields, ...fields };
      this.version += 1;
    };
    const save = this.saves.shift();
    if (save) return save(apply);
    if (guard !== this.version) return "conflict";
    apply();
    return "written";
  }

  async checkWritable() {}
}

const FIRST = { ...EMPTY_SLOTS, active: issued("first") };
const SECOND = { ...EMPTY_SLOTS, active: issued("second") };

const unanswered = new StoreError("a document did not answer: wait", { effect: "unknown", retry: "later" });
const refused = new StoreError("a document is closed: open it", { effect: "none", retry: "never" });

function fail(error: Error): never {
  throw error;
}

async function opened() {
  const document = new MemoryDocument();
  const store = new FieldsStore(document);
  const { version } = await store.read();
  return { document, store, version };
}

describe("a write to one document", () => {
  it("is none of another field's business", async () => {
    const { document, store, version } = await opened();
    document.saves.push(() => {
      document.version += 1;
      return "conflict";
    });
    expect(await store.write(FIRST, version)).toBe("written");
    expect(plain((await store.read()).slots)).toEqual(plain(FIRST));
  });

  it("gives up where the document changes all the time, and has changed nothing", async () => {
    const { document, store, version } = await opened();
    for (let count = 0; count < 5; count += 1) document.saves.push(() => "conflict");
    await expect(store.write(FIRST, version)).rejects.toMatchObject({ effect: "none", retry: "later" });
    expect(document.changes).toEqual([]);
  });

  it("is a conflict when somebody else's slots came first", async () => {
    const { document, store, version } = await opened();
    document.saves.push(() => {
      document.fields = { ...document.fields, active: "by hand" };
      return "conflict";
    });
    expect(await store.write(FIRST, version)).toBe("conflict");
  });

  it("is written where the client repeated it by itself and met its own first try", async () => {
    const { document, store, version } = await opened();
    document.saves.push((apply) => {
      apply();
      return "conflict";
    });
    expect(await store.write(FIRST, version)).toBe("written");
    expect(document.changes).toHaveLength(1);
  });

  it("is written if it is found there after its answer was lost", async () => {
    const { document, store, version } = await opened();
    document.saves.push((apply) => {
      apply();
      return fail(unanswered);
    });
    expect(await store.write(FIRST, version)).toBe("written");
  });

  it.each([
    ["it is not found there", () => {}],
    [
      "somebody else's is found there",
      (document: MemoryDocument) => (document.fields = { ...document.fields, active: "by hand" }),
    ],
    ["nothing can be found out", (document: MemoryDocument) => (document.load = async () => fail(refused))],
  ])("stays uncertain after its answer was lost if %s", async (_, meanwhile) => {
    const { document, store, version } = await opened();
    document.saves.push(() => {
      meanwhile(document);
      return fail(unanswered);
    });
    await expect(store.write(FIRST, version)).rejects.toBe(unanswered);
  });

  it("does not look again after a plain refusal", async () => {
    const { document, store, version } = await opened();
    document.saves.push((apply) => {
      apply();
      return fail(refused);
    });
    await expect(store.write(FIRST, version)).rejects.toBe(refused);
  });

  it("names the fields that change, the cleared ones as empty, and no others", async () => {
    const { document, store, version } = await opened();
    await store.write(SECOND, version);
    const staged = stage(SECOND, pending("third"));
    await store.write(staged, (await store.read()).version);
    await store.write({ ...retire(staged), pending: null }, (await store.read()).version);
    expect(document.changes.map((changes) => Object.keys(changes).toSorted())).toEqual([
      ["active", "notes"],
      ["notes", "pending"],
      ["notes", "pending"],
    ]);
    expect(document.changes.at(-1)?.pending).toBe("");
  });
});
