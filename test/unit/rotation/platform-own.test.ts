/** Which rotations at Paddle are the platform's own, by when they were made. */
import { expect, it } from "vitest";
import { isPlatformsOwn } from "../../../src/rotation/platform-own.ts";
import { platformInCharge, replacementRefused } from "../../../src/rotation/platform-refusals.ts";
import { judgeRollback } from "../../../src/rotation/rollback.ts";
import { inGrace, MINUTE, NOW, HOUR, rotation } from "./situations.ts";

const at = (createdAt: number | null, id = "apkrot_1") => rotation({ id, status: "completed", createdAt });

it.each([
  ["begun a minute before", -MINUTE, true],
  ["begun long before", -MINUTE - 1, false],
  ["made in the time that a platform takes", 15 * MINUTE, true],
  ["made after that", 15 * MINUTE + 1, false],
])("knows one %s", (_when, offset, isOwn) => {
  const made = at(NOW + offset);
  expect(isPlatformsOwn(made, [made], [NOW - 24 * HOUR, NOW])).toBe(isOwn);
});

it("takes only the first that was completed: the platform makes one at a time", () => {
  const first = at(NOW + 1000, "apkrot_1");
  const second = at(NOW + 2000, "apkrot_2");
  expect(isPlatformsOwn(first, [second, first], [NOW])).toBe(true);
  expect(isPlatformsOwn(second, [second, first], [NOW])).toBe(false);
  const pending = rotation({ id: "apkrot_3", status: "pending", createdAt: NOW + 3000 });
  expect(isPlatformsOwn(pending, [first, pending], [NOW])).toBe(false);
});

it("takes those before it, too, which the platform gave up", () => {
  const cancelled = rotation({ id: "apkrot_0", status: "canceled", createdAt: NOW });
  expect(isPlatformsOwn(cancelled, [cancelled, at(NOW + 1000)], [NOW])).toBe(true);
});

it("knows none where nothing is known of the platform", () => {
  expect(isPlatformsOwn(at(NOW), [at(NOW)], [])).toBe(false);
});

it("refuses a rollback of what a platform rotates, and says who does", () => {
  const question = { slots: inGrace(NOW + HOUR), exposureOpen: false, old: "accepted", now: NOW } as const;
  expect(judgeRollback(question)).toEqual({ go: true });
  expect(judgeRollback({ ...question, platform: "AWS" })).toEqual({
    refused: expect.stringContaining("AWS rotates this key itself"),
  });
});

it("refuses to be handed a key that only a person can put there, and says how", async () => {
  const platform = { name: "AWS", putKey: "put it into the secret: aws …" };
  expect(replacementRefused(platform)).toContain("take the new key and put it into the secret: aws …");
  const inCharge = (answer: boolean) =>
    platformInCharge({ platform: { ...platform, ...IDLE_PLATFORM, inCharge: async () => answer } });
  expect((await inCharge(true))?.name).toBe("AWS");
  expect(await inCharge(false)).toBeNull();
  expect(await platformInCharge({})).toBeNull();
});

const IDLE_PLATFORM = { start: async () => {}, state: async () => ({ kind: "idle" }) as const };
