/** What others say is shown in one clean, short line, and shows no secret. */
import { describe, expect, it } from "vitest";
import { quoted } from "../../../src/core/quoted.ts";

describe("what others say", () => {
  it.each([
    ["waiting for billing-7d4b9c6f5d-x2x9z", "waiting for billing-7d4b9c6f5d-x2x9z"],
    ["uses sha256:0123456789abcdef", "uses sha256:0123456789abcdef"],
    ["task 0123456789abcdef0123456789abcdef", "task 0123456789abcdef0123456789abcdef"],
    ["apkrot_01kad0000000000000000000d1", "apkrot_01kad0000000000000000000d1"],
  ])("is shown as it is: %s", (text, shown) => {
    expect(quoted(text)).toBe(shown);
  });

  it.each([
    [`key pdl_live_apikey_01kad_${"aB3".repeat(8)}_xYz`, "key [hidden]"],
    ["pdl_ntfset_01h_aB3/dE5", "[hidden]/dE5"],
    ["sent Bearer abc.def-ghi", "sent Bearer [hidden]"],
    ["postgres://app:hunter2@db/x", "postgres://[hidden]@db/x"],
    ['{"password": "hunter2"}', '{"password": "[hidden]"}'],
    ["API_KEY=hunter2 failed", "API_KEY=[hidden] failed"],
    [`whsec_${"QUJD".repeat(8)}`, "[hidden]"],
    ["q".repeat(40), "[hidden]"],
    [`pdl_\u200Blive_apikey_${"aB3".repeat(20)}`, expect.not.stringContaining("aB3")],
  ])("hides what may be a secret: %s", (text, shown) => {
    expect(quoted(text)).toEqual(shown);
  });

  it("is one printable line of at most 200 characters, with no character cut in two", () => {
    expect(quoted("a\r\nb\u001b[31m\u202Ec\u0000d\u2028e")).toBe("a b [31m c d e");
    expect(quoted("ab ".repeat(100))).toHaveLength(200);
    expect(quoted("🗝 ".repeat(100)).isWellFormed()).toBe(true);
    expect(quoted(`a${"🗝 ".repeat(100)}`).isWellFormed()).toBe(true);
    expect(quoted("")).toBe("");
  });
});
