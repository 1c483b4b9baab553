/** What people keep on a secret outlives its versions. */
import { describe, expect, it } from "vitest";
import { carriedOver, marked } from "../../../../src/stores/azure-key-vault/carried.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY_MS = 86_400_000;
const days = (count: number) => new Date(NOW + count * DAY_MS);
const SECRET = { vaultUrl: "https://kv.vault.azure.net", name: "paddle" };

describe("a new version", () => {
  it("takes over tags and content type, but not whose old version it is", () => {
    const former = {
      ...SECRET,
      contentType: "text/plain",
      tags: { team: "billing", "paddle-old-version": "abc" },
    };
    expect(carriedOver(former, NOW)).toEqual({ contentType: "text/plain", tags: { team: "billing" } });
  });

  it("is as bare as the one before", () => {
    expect(carriedOver(SECRET, NOW)).toEqual({});
  });

  it.each<[what: string, made: number | null, expires: number, then: number | null]>([
    ["keeps an expiry that lies ahead", -10, 80, 80],
    ["keeps an expiry that lies a day ahead", -89, 1, 1],
    ["gets as long a life as the former one was given, once that is over", -90, 0, 90],
    ["gets as long a life as the former one was given, long after its end", -200, -110, 90],
    ["has no expiry where nobody knows how long the former one was given", null, -1, null],
    ["has no expiry where the former one was born expired", -1, -2, null],
    // The client would write 20 January 2038 as a day of 1901.
    ["has no expiry beyond what the client can write", -10, 11_390, null],
  ])("%s", (_what, made, expires, then) => {
    const former = { ...SECRET, ...(made !== null && { createdOn: days(made) }), expiresOn: days(expires) };
    expect(carriedOver(former, NOW).expiresOn).toEqual(then === null ? undefined : days(then));
  });
});

describe("the mark of the old version", () => {
  it("is set, replaced and removed among other tags", () => {
    const one = marked({ team: "billing" }, "one");
    expect(one).toEqual({ team: "billing", "paddle-old-version": "one" });
    expect(marked(one, "two")).toEqual({ team: "billing", "paddle-old-version": "two" });
    expect(marked(one, null)).toEqual({ team: "billing" });
    expect(marked(undefined, null)).toEqual({});
  });
});
