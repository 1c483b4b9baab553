import { describe, expect, it } from "vitest";
import { createFormTokens, formKeyOf } from "../../../../src/http/admin/pages/form-token.ts";

const DAY = 86_400_000;
const KEY = Buffer.from("of all instances behind one name");

describe("a form's token", () => {
  it("is good for the one it was made for, today and tomorrow, and no longer", () => {
    let now = 20_000 * DAY + DAY - 1;
    const tokens = createFormTokens(() => now, KEY);
    const token = tokens.issue("ops");
    expect(tokens.isValid("ops", token)).toBe(true);
    now += DAY;
    expect(tokens.isValid("ops", token)).toBe(true);
    now += 1;
    expect(tokens.isValid("ops", token)).toBe(false);
  });

  it("is no good for anybody else", () => {
    const tokens = createFormTokens(() => 0, KEY);
    expect(tokens.isValid("somebody", tokens.issue("ops"))).toBe(false);
    expect(tokens.isValid("ops", "")).toBe(false);
    expect(tokens.isValid("ops", `${tokens.issue("ops")}x`)).toBe(false);
  });

  it("is good at every instance that has the same key, and at no other", () => {
    const token = createFormTokens(() => 0, KEY).issue("ops");
    expect(createFormTokens(() => 0, KEY).isValid("ops", token)).toBe(true);
    expect(createFormTokens(() => 0, formKeyOf([])).isValid("ops", token)).toBe(false);
    expect(createFormTokens(() => 0, formKeyOf([])).issue("ops")).not.toBe(
      createFormTokens(() => 0, formKeyOf([])).issue("ops"),
    );
  });
});
