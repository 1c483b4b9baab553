/** Jobs about one key take turns: two at once would cancel each other's secrets. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createTurns } from "../../../src/rotation/turns.ts";

describe("turns", () => {
  it("are taken in order by work of one name, and do not hold up that of another", async () => {
    const takeTurns = createTurns();
    const first = Promise.withResolvers<void>();
    const log: string[] = [];
    const run = (name: string, what: string, until?: Promise<void>) =>
      takeTurns(name, async () => {
        log.push(`${what} begins`);
        await until;
        log.push(`${what} ends`);
      });
    const all = [run("billing", "a", first.promise), run("billing", "b"), run("checkout", "c")];
    await setImmediate();
    expect(log).toEqual(["a begins", "c begins", "c ends"]);
    first.resolve();
    await Promise.all(all);
    expect(log.slice(3)).toEqual(["a ends", "b begins", "b ends"]);
  });

  it("go on after work that failed, and hand its failure to whoever asked for it", async () => {
    const takeTurns = createTurns();
    const failed = takeTurns("billing", () => Promise.reject(new Error("no")));
    const next = takeTurns("billing", () => Promise.resolve("done"));
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("done");
  });
});
