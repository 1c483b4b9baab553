/** Whom the word of a proxy lets in. */
import { describe, expect, it } from "vitest";
import { createProxyIdentity, type ProxyTrust } from "../../../src/http/admin/proxy-identity.ts";

const TRUST: ProxyTrust = {
  addresses: ["10.0.0.5/32", "192.168.7.0/24", "fd00::5"],
  userHeader: "x-forwarded-email",
  groupsHeader: "x-forwarded-groups",
  operators: ["platform"],
  viewers: ["support"],
};

function wordOf(remoteAddress: string | undefined, user: string[] | undefined, groups?: string[]) {
  const headersDistinct = {
    ...(user && { "x-forwarded-email": user }),
    ...(groups && { "x-forwarded-groups": groups }),
  };
  return createProxyIdentity(TRUST)({ socket: { remoteAddress }, headersDistinct });
}

const ANN = ["ann@example.com"];

describe("the word of the proxy", () => {
  it.each([
    ["platform", "operator"],
    ["staff,platform", "operator"],
    ["support, platform", "operator"],
    ["staff, support", "viewer"],
  ])("makes somebody of the groups %s the %s", (groups, role) => {
    expect(wordOf("10.0.0.5", ANN, [groups])).toEqual({
      kind: "caller",
      caller: { name: "ann@example.com", role },
    });
  });

  it.each(["192.168.7.255", "fd00::5", "fd00:0::0:5", "::ffff:10.0.0.5", "::FFFF:192.168.7.1"])(
    "counts from %s",
    (address) => {
      expect(wordOf(address, ANN, ["platform"])).toMatchObject({ kind: "caller" });
    },
  );

  it.each(["10.0.0.4", "192.168.8.1", "fd00::6", "::ffff:10.0.0.4", "127.0.0.1", "::1", "", undefined])(
    "is nothing from %s",
    (address) => {
      expect(wordOf(address, ANN, ["platform"])).toEqual({ kind: "nothing" });
    },
  );

  it("is nothing if it names nobody, so that programs may come that way with a token", () => {
    expect(wordOf("10.0.0.5", undefined, ["platform"])).toEqual({ kind: "nothing" });
    expect(wordOf("10.0.0.5", [""], ["platform"])).toEqual({ kind: "nothing" });
  });

  it.each([
    ["no groups", undefined],
    ["an empty list", [""]],
    ["other groups", ["staff, Platform, platforms"]],
    ["a group with something before it", ["-platform"]],
  ])("lets nobody in with %s, and says why", (_what, groups) => {
    expect(wordOf("10.0.0.5", ANN, groups)).toEqual({
      kind: "refused",
      why: expect.stringContaining("none of your groups"),
    });
  });

  it("lets nobody in whose headers came twice: the client may have sent one of them", () => {
    for (const [users, groups] of [
      [ANN, ["platform", "staff"]],
      [["root@example.com", ...ANN], ["platform"]],
    ])
      expect(wordOf("10.0.0.5", users, groups)).toEqual({
        kind: "refused",
        why: expect.stringContaining("twice"),
      });
  });

  it.each(["ann\u0007", "ann smith", "anné", "a".repeat(321)])("takes no name like %j into logs", (name) => {
    expect(wordOf("10.0.0.5", [name], ["platform"])).toMatchObject({ kind: "refused" });
  });
});
