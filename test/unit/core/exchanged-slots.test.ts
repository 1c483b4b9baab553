/** Where a store is one value and there for a standby, the standby is that value. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS, stage } from "../../../src/core/slots.ts";
import { withExchangedSlots } from "../../../src/core/exchanged-slots.ts";
import { issued, issuedByUs, pending, plain } from "../../contract/secret-store-samples.ts";
import { MemoryStore } from "../../support/memory-store.ts";

describe("a store whose value is the standby", () => {
  it("takes the secret that a person made the value of, as the standby", async () => {
    const { slots } = await withExchangedSlots(new MemoryStore({ active: issued("spare") })).read();
    expect(plain(slots)).toEqual(plain({ ...EMPTY_SLOTS, standby: issued("spare") }));
  });

  it("makes a standby the value, with all that is known of it", async () => {
    const memory = new MemoryStore({ active: issued("spare") });
    const store = withExchangedSlots(memory);
    const slots = stage({ ...EMPTY_SLOTS, standby: issuedByUs("new") }, pending("newer"));
    expect(await store.write(slots, (await store.read()).version)).toBe("written");
    expect(plain((await store.read()).slots)).toEqual(plain(slots));
    expect(memory.slots.active?.secret.reveal()).toBe(issued("new").secret.reveal());
    expect(memory.slots.standby).toBeNull();
  });

  it("refuses a write against what has changed since", async () => {
    const memory = new MemoryStore({ active: issued("spare") });
    const store = withExchangedSlots(memory);
    const { slots, version } = await store.read();
    memory.edit("active", "another");
    expect(await store.write(slots, version)).toBe("conflict");
  });
});
