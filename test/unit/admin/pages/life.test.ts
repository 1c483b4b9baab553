/** Where the marks of a secret's life lie on its bar. */
import { describe, expect, it } from "vitest";
import { lifeOf } from "../../../../src/http/admin/pages/life.ts";
import type { KeyOverview } from "../../../../src/overview/overview.ts";
import { NOW } from "../../../support/admin/keys.ts";
import { DAY, overviewOf, secretFor, storyKey } from "../../../support/admin/pages-story.ts";

const issuedAgo = (days: number | null) =>
  overviewOf(
    storyKey("billing", { active: secretFor("billing", "A", days === null ? null : NOW - days * DAY) }),
  );

function life(
  days: number | null,
  due: number | null,
  expiry: number | null,
  rest: Partial<KeyOverview> = {},
) {
  const paddle = {
    at: NOW,
    status: "active",
    rotatable: true,
    expiresAt: expiry === null ? null : NOW + expiry * DAY,
    exposedAt: null,
  } as const;
  const planned = due === null ? null : ({ at: NOW + due * DAY, because: "age", forced: false } as const);
  return lifeOf({ ...issuedAgo(days), paddle, due: planned, ...rest }, NOW);
}

describe("the bar of a secret's life", () => {
  it("begins with its issue and ends with the key's expiry", () => {
    expect(life(30, 30, 60)).toEqual({ now: 33.3, due: 66.7, expiry: 100 });
  });

  it("ends with the next rotation where the key never expires", () => {
    expect(life(30, 30, null)).toEqual({ now: 50, due: 100, expiry: null });
  });

  it("is full when the key has expired", () => {
    expect(life(90, -20, -10)).toEqual({ now: 100, due: 77.8, expiry: 88.9 });
  });

  it("leaves some past to a secret of which nobody knows the age", () => {
    expect(life(null, 34, 85)).toEqual({ now: 15, due: 49, expiry: 100 });
  });

  it("is left out where nothing is known of its end", () => {
    expect(life(30, null, null)).toBe(null);
  });

  it("never leaves its frame, whatever the clocks say", () => {
    expect(life(-5, 1, 2)?.now).toBe(0);
    expect(life(0, 0, 0)).toEqual({ now: 0, due: 0, expiry: 0 });
  });

  it("shows no plan during a rollback, when it would be the older secret's", () => {
    const overview = issuedAgo(30);
    const view = { ...overview.view, state: "rolled-back" as const };
    expect(life(30, 30, 60, { view })?.due).toBe(null);
  });
});
