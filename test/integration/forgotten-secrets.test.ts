/** What Node.js collects as garbage is forgotten. In a process of its own: the timers of all other secrets count, too. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HIDDEN, hideLivingSecrets } from "../../src/core/living-secrets.ts";
import { Secret } from "../../src/core/secret.ts";

describe("a secret that nobody holds any more", () => {
  afterEach(() => vi.useRealTimers());

  it("is hidden for ten more minutes, then forgotten; one that is held twice stays", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect !== "function") throw new Error("there is no gc()");
    (() => [new Secret("a secret of the past"), new Secret("a secret that stays")])();
    // As stores do that are read again and again: memory does not grow with that.
    for (let read = 0; read < 1_000; read += 1) (() => new Secret("a secret of the past"))();
    const other = new Secret("a secret that stays");
    await vi.waitFor(
      () => {
        collect();
        expect(vi.getTimerCount()).toBe(1);
      },
      { timeout: 4_000 },
    );
    vi.advanceTimersByTime(599_000);
    expect(hideLivingSecrets("a secret of the past")).toBe(HIDDEN);
    vi.advanceTimersByTime(2_000);
    expect(hideLivingSecrets("a secret of the past")).toBe("a secret of the past");
    expect(hideLivingSecrets("a secret that stays")).toBe(HIDDEN);
    expect(other).toBeInstanceOf(Secret);
  });
});
