/** What every implementation of the Leases port promises. */
import { describe, expect, it, vi } from "vitest";
import type { Leases } from "../../src/core/ports.ts";
import { uniquePrefix } from "../support/unique.ts";

/** Opens the leases called `name`; the same name opens the same leases, over a connection of its own. */
export type OpenLeases = (name: string) => Promise<Leases & AsyncDisposable>;

const LONG = 60_000;

export function leasesContract(implementation: string, open: OpenLeases): void {
  describe(`${implementation}, as Leases`, () => {
    it("gives a lease to one of many who want it at once", async () => {
      const name = uniquePrefix();
      await using one = await open(name);
      await using other = await open(name);
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? one : other).take("key", `holder ${index}`, LONG),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    it("prolongs it for its holder", async () => {
      await using leases = await open(uniquePrefix());
      expect(await leases.take("key", "me", LONG)).toBe(true);
      expect(await leases.take("key", "me", LONG)).toBe(true);
      expect(await leases.take("key", "you", LONG)).toBe(false);
    });

    it("keeps leases of different names apart", async () => {
      await using leases = await open(uniquePrefix());
      expect(await leases.take("azure:vault/one", "me", LONG)).toBe(true);
      expect(await leases.take("azure:vault/two", "you", LONG)).toBe(true);
    });

    it("takes it back from its holder, and from nobody else", async () => {
      await using leases = await open(uniquePrefix());
      await leases.take("key", "me", LONG);
      await leases.giveBack("key", "you");
      expect(await leases.take("key", "you", LONG)).toBe(false);
      await leases.giveBack("key", "me");
      expect(await leases.take("key", "you", LONG)).toBe(true);
    });

    it("lets the next one have it when its time is over", async () => {
      await using leases = await open(uniquePrefix());
      await leases.take("key", "me", 50);
      await vi.waitFor(async () => expect(await leases.take("key", "you", LONG)).toBe(true), {
        timeout: 5000,
      });
      await leases.giveBack("key", "me");
      expect(await leases.take("key", "me", LONG)).toBe(false);
    });
  });
}
