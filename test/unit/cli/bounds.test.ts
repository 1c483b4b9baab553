/** Every check ends, and what takes long is named while it is waited for. */
import { describe, expect, it } from "vitest";
import { within } from "../../../src/cli/check/bounds.ts";
import { StoreError } from "../../../src/core/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function open() {
  const clock = new FakeClock();
  const told: string[] = [];
  const work = Promise.withResolvers<string>();
  const result = within(
    { clock, tell: (line) => told.push(line) },
    "billing",
    "reading it",
    () => work.promise,
  );
  return { clock, told, work, result };
}

describe("a check", () => {
  it("says nothing where it ends within a second", async () => {
    const { clock, told, work, result } = open();
    await clock.advance(999);
    work.resolve("done");
    expect(await result).toEqual({ done: true, value: "done" });
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it("names what is waited for after a second, once", async () => {
    const { clock, told, work, result } = open();
    await clock.advance(1_000);
    expect(told).toEqual(["billing: reading it …"]);
    await clock.advance(5_000);
    work.resolve("done");
    expect(await result).toMatchObject({ done: true });
    expect(told).toHaveLength(1);
  });

  it("has failed after 20 s", async () => {
    const { clock, result } = open();
    await clock.advance(20_000);
    expect(await result).toMatchObject({
      done: false,
      finding: { level: "failed", about: "billing", says: "reading it took longer than 20 s" },
    });
    expect(clock.sleeping).toBe(0);
  });

  it("fails with our own words, and never with those of other people's code", async () => {
    const own = open();
    own.work.reject(new StoreError("the vault is sealed: unseal it", { effect: "none", retry: "later" }));
    expect(await own.result).toMatchObject({ finding: { says: "the vault is sealed: unseal it" } });
    const foreign = open();
    foreign.work.reject(Object.assign(new Error("bad key CaNaRy"), { code: "EBAD" }));
    expect(await foreign.result).toMatchObject({ finding: { says: "reading it failed: Error (EBAD)" } });
  });
});
