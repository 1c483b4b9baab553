/** When applications may have the former secret back. */
import { describe, expect, it } from "vitest";
import type { Slots } from "../../../src/core/slots.ts";
import { ROLLBACK_MARGIN_MS } from "../../../src/rotation/next-step.ts";
import { endOfRollback, judgeRollback, type RollbackQuestion } from "../../../src/rotation/rollback.ts";
import {
  ACTIVE,
  LEGACY,
  NOW,
  OLD,
  OTHER_KEY_ID,
  PENDING,
  secretOf,
  STEADY,
} from "../../support/admin/keys.ts";

const IN_GRACE: Slots = { ...STEADY, old: OLD };
const oldOf = (until: number | null): Slots => ({ ...IN_GRACE, old: { ...OLD, until } });
const judge = (rest: Partial<RollbackQuestion> = {}) =>
  judgeRollback({ slots: IN_GRACE, exposureOpen: false, old: "accepted", now: NOW, ...rest });

describe("a rollback", () => {
  it("goes ahead while Paddle accepts the old secret", () => {
    expect(judge()).toEqual({ go: true });
  });

  it("asks Paddle before it says yes", () => {
    expect(judge({ old: "not-asked" })).toEqual({ ask: "old" });
  });

  it.each<[string, string, Partial<RollbackQuestion>]>([
    ["an exposure is open", "leaked", { exposureOpen: true }],
    ["a secret is staged", "staged", { slots: { ...IN_GRACE, pending: PENDING } }],
    ["the old secret is retired", "no old secret", { slots: STEADY }],
    ["there is no active secret", "no active secret", { slots: { ...IN_GRACE, active: null } }],
    ["it is rolled back already", "already", { slots: { ...IN_GRACE, rolledBack: true } }],
    [
      "the old secret is of another key",
      "replacement",
      { slots: { ...IN_GRACE, active: { ...ACTIVE, secret: secretOf("Other", OTHER_KEY_ID) } } },
    ],
    [
      "the old secret is of a legacy key",
      "replacement",
      { slots: { ...IN_GRACE, old: { ...LEGACY, until: null } } },
    ],
    ["nobody knows when the old secret dies", "not known", { slots: oldOf(null) }],
    ["the old secret should be dead", "dies now", { slots: oldOf(NOW - 1) }],
  ])("is refused without a question when %s, and says what to do", (_when, words, rest) => {
    const verdict = judge({ old: "not-asked", ...rest });
    expect(verdict).toEqual({ refused: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(JSON.stringify(verdict)).toContain(words);
  });

  it("is refused when Paddle refuses the old secret", () => {
    expect(judge({ old: "refused" })).toEqual({ refused: expect.stringContaining("it is dead") });
  });

  it("needs a minute more than the margin before the old secret dies", () => {
    const least = NOW + ROLLBACK_MARGIN_MS + 60_000;
    expect(judge({ slots: oldOf(least) })).toEqual({ refused: expect.stringContaining("dies in 6m") });
    expect(judge({ slots: oldOf(least + 1) })).toEqual({ go: true });
  });

  it("ends a margin before the old secret dies", () => {
    expect(endOfRollback({ until: NOW })).toBe(NOW - ROLLBACK_MARGIN_MS);
    expect(endOfRollback({ until: null })).toBeNull();
  });
});
