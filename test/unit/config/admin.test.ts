/** Who may come in and as what: the section `admin` of the file, and the variables beside it. */
import { describe, expect, it } from "vitest";
import { FILE, faultsOf, read } from "./sources.ts";

const PASSWORD = "twelve chars";
const TOKEN = "t".repeat(32);
const proxy = (fields: string) => `${FILE}admin: { proxy: { ${fields} } }\n`;
const ENOUGH = "addresses: [10.0.0.5], operators: [platform]";

describe("an OIDC proxy", () => {
  it("is trusted by its address, with the headers that such proxies send unless told otherwise", () => {
    expect(read({ yaml: proxy(ENOUGH) }).adminListener.proxy).toEqual({
      addresses: ["10.0.0.5"],
      userHeader: "x-forwarded-email",
      groupsHeader: "x-forwarded-groups",
      operators: ["platform"],
      viewers: [],
    });
  });

  it("may use other headers, which are the same in any case", () => {
    const yaml = proxy(
      'addresses: ["10.0.0.0/8", "fd00::5/128"], userHeader: X-Auth-Request-User, groupsHeader: X-Roles, viewers: [support]',
    );
    expect(read({ yaml }).adminListener.proxy).toMatchObject({
      addresses: ["10.0.0.0/8", "fd00::5/128"],
      userHeader: "x-auth-request-user",
      groupsHeader: "x-roles",
      viewers: ["support"],
    });
  });

  it.each([
    ["addresses: [], operators: [a]", "admin.proxy.addresses"],
    ["operators: [a]", "admin.proxy.addresses"],
    ["addresses: [proxy.internal], operators: [a]", "admin.proxy.addresses[0]"],
    ['addresses: ["10.0.0.0/7"], operators: [a]', "admin.proxy.addresses[0]"],
    ['addresses: ["10.0.0.5/33"], operators: [a]', "admin.proxy.addresses[0]"],
    ['addresses: ["10.0.0.5/8/8"], operators: [a]', "admin.proxy.addresses[0]"],
    ['addresses: ["fd00::/31"], operators: [a]', "admin.proxy.addresses[0]"],
    ['addresses: ["fe80::1%eth0"], operators: [a]', "admin.proxy.addresses[0]"],
    ["addresses: [10.0.0.5]", "admin.proxy.operators"],
    ['addresses: [10.0.0.5], operators: ["a,b"]', "admin.proxy.operators[0]"],
    [`${ENOUGH}, userHeader: Authorization`, "admin.proxy.userHeader"],
    [`${ENOUGH}, userHeader: "x forwarded"`, "admin.proxy.userHeader"],
    [`${ENOUGH}, userHeader: X-Forwarded-Groups`, "admin.proxy.groupsHeader"],
    [`${ENOUGH}, usrHeader: x`, "admin.proxy.usrHeader"],
  ])("is refused if it is said to be { %s }", (fields, place) => {
    const faults = faultsOf({ yaml: proxy(fields) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${place} (rotator.yaml:`);
  });
});

describe("viewers", () => {
  it("have credentials of their own, from files too", () => {
    const env = {
      ADMIN_VIEWER_USER: "support",
      ADMIN_VIEWER_PASSWORD: PASSWORD,
      ADMIN_VIEWER_TOKEN_FILE: "/run/token",
    };
    const { viewer, user, token } = read({ env, files: { "/run/token": `${TOKEN}\n` } }).adminListener;
    expect([viewer.user?.name, viewer.user?.password.reveal(), viewer.token?.reveal()]).toEqual([
      "support",
      PASSWORD,
      TOKEN,
    ]);
    expect([user, token]).toEqual([null, null]);
  });

  it.each([
    [
      { ADMIN_VIEWER_USER: "support" },
      "ADMIN_VIEWER_PASSWORD: is missing; it belongs to ADMIN_VIEWER_USER, which is set",
    ],
    [
      { ADMIN_VIEWER_PASSWORD: PASSWORD },
      "ADMIN_VIEWER_USER: is missing; it belongs to ADMIN_VIEWER_PASSWORD, which is set",
    ],
    [
      { ADMIN_TOKEN: TOKEN, ADMIN_VIEWER_TOKEN: TOKEN },
      "ADMIN_VIEWER_TOKEN: is the same as ADMIN_TOKEN; viewers need their own",
    ],
    [
      {
        ADMIN_USER: "ops",
        ADMIN_PASSWORD: PASSWORD,
        ADMIN_VIEWER_USER: "ops",
        ADMIN_VIEWER_PASSWORD: `${PASSWORD}!`,
      },
      "ADMIN_VIEWER_USER: is the same as ADMIN_USER; viewers need their own",
    ],
    [
      { ADMIN_VIEWER_TOKEN: "short" },
      "ADMIN_VIEWER_TOKEN: must be at least 32 letters, digits and ASCII signs without white space; make one with: openssl rand -hex 32",
    ],
  ])("are held to the rules for operators: %j", (env, line) => {
    expect(faultsOf({ env })).toEqual([line]);
  });
});

describe("a listener that other machines reach", () => {
  const env = { ADMIN_HOST: "0.0.0.0" };

  it("needs a sign-in of one kind or another", () => {
    expect(faultsOf({ env })).toEqual([expect.stringContaining("ADMIN_HOST: lets other machines in")]);
    expect(read({ env: { ...env, ADMIN_VIEWER_TOKEN: TOKEN } }).adminListener.host).toBe("0.0.0.0");
    expect(read({ env, yaml: proxy(ENOUGH) }).adminListener.host).toBe("0.0.0.0");
  });

  it("is not said to have none while the proxy is at fault", () => {
    for (const yaml of [proxy("addresses: [10.0.0.5]"), `${proxy(ENOUGH)}keys: [`])
      expect(faultsOf({ env, yaml }).join()).not.toContain("ADMIN_HOST");
  });
});

describe("where people reach the admin listener", () => {
  it.each([
    ["https://rotator.internal", "https://rotator.internal"],
    ["https://Rotator.internal:443/", "https://rotator.internal"],
    ["http://10.0.0.5:9090", "http://10.0.0.5:9090"],
  ])("is %s", (ADMIN_URL, url) => {
    expect(read({ env: { ADMIN_URL } }).adminListener.url).toBe(url);
  });

  it.each([
    "rotator.internal",
    "ftp://rotator.internal",
    "https://ops:s3cret@rotator.internal",
    "https://rotator.internal/path",
    "https://rotator.internal?a=b",
    "https://rotator.internal/#top",
  ])("is not %s", (ADMIN_URL) => {
    const faults = faultsOf({ env: { ADMIN_URL } });
    expect(faults).toEqual([expect.stringMatching(/^ADMIN_URL: must be an http:\/\/ or https:\/\/ address/)]);
    expect(faults.join()).not.toContain("s3cret");
  });
});
