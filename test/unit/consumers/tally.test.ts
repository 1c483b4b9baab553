/** Enough instances, and all of them on the new secret: nothing less is a proof. */
import { describe, expect, it } from "vitest";
import { tally } from "../../../src/consumers/tally.ts";

const NEW = "sha256:0123456789abcdef";
const FORMER = "sha256:00000000000000aa";
const on = (id: string, fingerprint: string | null = NEW) => ({ id, fingerprint });

describe("reports of instances", () => {
  it("prove nothing while there are none", () => {
    expect(tally([], NEW, null)).toEqual({
      state: "under-way",
      instances: [],
      says: "No instance reports what it uses.",
    });
  });

  it("prove the switch-over once the last of them uses the new secret", () => {
    expect(tally([on("a"), on("b", FORMER)], NEW, null)).toEqual({
      state: "under-way",
      instances: [
        { id: "a", state: "switched", says: null },
        { id: "b", state: "lagging", says: `uses ${FORMER}` },
      ],
      says: `1 of 2 instances use ${NEW}.`,
    });
    expect(tally([on("a"), on("b")], NEW, null).state).toBe("proved");
  });

  it("prove nothing before as many report as are expected", () => {
    expect(tally([on("a"), on("b")], NEW, 3)).toMatchObject({
      state: "under-way",
      says: `2 of 2 instances use ${NEW}; 3 are expected.`,
    });
    expect(tally([on("a"), on("b"), on("c")], NEW, 3).state).toBe("proved");
    expect(tally([on("a"), on("b"), on("c"), on("d")], NEW, 3).state).toBe("proved");
  });

  it("count an instance once, and as lagging if any of its reports is", () => {
    expect(tally([on("a"), on("a"), on("a")], NEW, 2).state).toBe("under-way");
    for (const reports of [
      [on("a"), on("a", FORMER)],
      [on("a", FORMER), on("a")],
    ])
      expect(tally(reports, NEW, null).instances).toMatchObject([{ id: "a", state: "lagging" }]);
  });

  it("never repeat what should be a fingerprint and is none: it may be the key", () => {
    const key = "pdl_live_apikey_canary";
    const { instances } = tally([on("a", key), on("b", null)], NEW, null);
    expect(instances.map(({ says }) => says)).toEqual([
      "reports something that is no fingerprint (sha256: and 16 hex digits)",
      "uses no secret yet",
    ]);
  });
});
