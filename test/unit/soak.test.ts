/** A month of 50 keys with accidents every day. `npm run soak` is the year. */
import { expect, it } from "vitest";
import { soak } from "../soak/soak.ts";

it("brings 50 keys through a month of daily accidents: every key lives, every incident ends, nothing is done twice", async () => {
  const { site, wrong } = await soak({ days: 30, keys: 50, seed: 2026 });
  expect(wrong).toEqual([]);
  // Else the month was too quiet to show anything.
  expect(site.crashes).toBeGreaterThan(20);
  expect(site.post.lost).toBeGreaterThan(20);
  expect(site.judged).toBeGreaterThan(100);
  expect(site.queue.mostKept).toBeLessThan(2_000);
}, 120_000);
