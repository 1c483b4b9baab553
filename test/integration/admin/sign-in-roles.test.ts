/** Viewers look, operators act, a proxy's word counts from its address, and guessing is slow. */
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import type { ProxyTrust } from "../../../src/http/admin/proxy-identity.ts";
import { BASIC, BEARER, CREDENTIALS, NO_CREDENTIALS, openAdmin } from "../../support/admin/world.ts";

const VIEWER = {
  user: { name: "support", password: new Secret("CaNaRy-viewing") },
  token: new Secret("CaNaRy-viewer"),
};
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });
const AS_VIEWER = basic("support:CaNaRy-viewing");
const WRONG = basic("ops:guess");

const ROTATE = { method: "POST", body: { mode: "graceful" } } as const;
const ROTATIONS = "/api/keys/billing/rotations";
const WRITES = [
  ROTATIONS,
  "/api/keys/billing/replacement",
  "/api/keys/billing/rollback",
  "/api/keys/billing/jobs/evt_1/retry",
];
const READS = ["/api/keys", "/api/keys/billing", "/api/incidents", "/api/plan", "/api/rotations"];

describe("a viewer", () => {
  it.each([
    ["a person", AS_VIEWER],
    ["a program", { authorization: "Bearer CaNaRy-viewer" }],
  ])("who is %s may look at everything", async (_who, headers) => {
    await using admin = await openAdmin({ signIn: { ...CREDENTIALS, viewer: VIEWER } });
    for (const path of [...READS, "/queues", "/metrics", "/api/openapi.json"])
      expect((await admin.call(path, { headers })).status, path).toBe(200);
  });

  it("may change nothing", async () => {
    await using admin = await openAdmin({ signIn: { ...CREDENTIALS, viewer: VIEWER } });
    for (const path of WRITES) {
      const answer = await admin.call(path, { ...ROTATE, headers: AS_VIEWER });
      expect(answer.status, path).toBe(403);
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.json()).toMatchObject({ detail: expect.stringContaining("operator's credentials") });
    }
    for (const method of ["PUT", "PATCH", "DELETE"])
      expect((await admin.call("/api/keys", { method, headers: AS_VIEWER })).status).toBe(403);
    expect([admin.workQueue.puts, admin.paddle.asked]).toEqual([[], []]);
  });

  it("is told apart from an operator in what is logged", async () => {
    await using admin = await openAdmin({ signIn: { ...CREDENTIALS, viewer: VIEWER } });
    expect((await admin.call(ROTATIONS, { ...ROTATE, headers: BEARER })).status).toBe(202);
    expect(admin.logged.lines).toMatchObject([{ askedBy: "the bearer of ADMIN_TOKEN" }]);
  });
});

describe("behind an OIDC proxy", () => {
  const proxy: ProxyTrust = {
    addresses: ["127.0.0.1/32"],
    userHeader: "x-forwarded-email",
    groupsHeader: "x-forwarded-groups",
    operators: ["platform"],
    viewers: ["support"],
  };
  const from = (groups: string) => ({
    "x-forwarded-email": "ann@example.com",
    "x-forwarded-groups": groups,
    host: "rotator.internal",
  });

  it("an operator acts under the name that the proxy gives", async () => {
    await using admin = await openAdmin({ signIn: { ...NO_CREDENTIALS, proxy } });
    const answer = await admin.call(ROTATIONS, { ...ROTATE, headers: from("staff, platform") });
    expect(answer.status).toBe(202);
    expect(admin.logged.lines).toMatchObject([{ askedBy: "ann@example.com" }]);
  });

  it("a viewer looks", async () => {
    await using admin = await openAdmin({ signIn: { ...NO_CREDENTIALS, proxy } });
    expect((await admin.call("/api/keys", { headers: from("support") })).status).toBe(200);
    expect((await admin.call(ROTATIONS, { ...ROTATE, headers: from("support") })).status).toBe(403);
    expect(admin.workQueue.puts).toEqual([]);
  });

  it("somebody without a group that is named is refused in a sentence", async () => {
    await using admin = await openAdmin({ signIn: { ...CREDENTIALS, proxy } });
    const answer = await admin.call("/api/keys", { headers: from("staff") });
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining("none of your groups") });
    expect(answer.text).not.toContain("ann@");
  });

  it("headers that the client added to the proxy's own let nobody in", async () => {
    await using admin = await openAdmin({ signIn: { ...NO_CREDENTIALS, proxy } });
    const headers = { ...from("staff"), "x-forwarded-groups": ["platform", "staff"] };
    const sent = request(`${admin.origin}/api/keys`, { headers, agent: false }).end();
    const [answer] = await once(sent, "response");
    expect(answer.statusCode).toBe(403);
    expect(await text(answer)).toContain("sent a header twice");
  });

  it("the headers mean nothing from any other address", async () => {
    const elsewhere = { ...proxy, addresses: ["10.0.0.5/32"] };
    await using admin = await openAdmin({ signIn: { ...CREDENTIALS, proxy: elsewhere } });
    expect((await admin.call("/api/keys", { headers: from("platform") })).status).toBe(401);
    const operator = { ...from("support"), ...BASIC };
    expect((await admin.call(ROTATIONS, { ...ROTATE, headers: operator })).status).toBe(202);
    expect(admin.logged.lines).toMatchObject([{ askedBy: "ops" }]);
  });

  it("whoever comes another way is told the way in, where there are no credentials", async () => {
    await using admin = await openAdmin({
      signIn: { ...NO_CREDENTIALS, proxy },
      listensOnLoopbackOnly: false,
    });
    const answer = await admin.call("/api/keys");
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty("www-authenticate");
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining("through the proxy") });
  });

  it("a page that the proxy serves under the address of ADMIN_URL is no page of another site", async () => {
    const url = "http://rotator.internal";
    await using admin = await openAdmin({ signIn: { ...NO_CREDENTIALS, proxy }, url });
    const headers = { ...from("platform"), host: "10.0.0.9:9090" };
    expect((await admin.call(ROTATIONS, { ...ROTATE, headers: { ...headers, origin: url } })).status).toBe(
      202,
    );
    for (const origin of ["https://rotator.internal", "http://evil.example", "null"])
      expect((await admin.call(ROTATIONS, { ...ROTATE, headers: { ...headers, origin } })).status).toBe(403);
  });
});

describe("guessing", () => {
  const signIn = CREDENTIALS;

  it("is answered 429 after ten sign-ins that failed, even for the right password, until it is over", async () => {
    await using admin = await openAdmin({ signIn });
    for (let attempt = 1; attempt <= 10; attempt += 1)
      expect((await admin.call("/api/keys", { headers: WRONG })).status, `attempt ${attempt}`).toBe(401);
    for (const headers of [WRONG, BASIC, BEARER]) {
      const answer = await admin.call("/api/keys", { headers });
      expect(answer.status).toBe(429);
      expect(answer.headers["retry-after"]).toBe("6");
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.headers).not.toHaveProperty("www-authenticate");
      expect(answer.json()).toMatchObject({ title: "Too Many Requests" });
    }
    await admin.clock.advance(5_999);
    expect((await admin.call("/api/keys", { headers: BASIC })).headers["retry-after"]).toBe("1");
    await admin.clock.advance(1);
    expect((await admin.call("/api/keys", { headers: BASIC })).status).toBe(200);
    expect((await admin.call("/api/keys", { headers: WRONG })).status).toBe(401);
    expect((await admin.call("/api/keys", { headers: BASIC })).status).toBe(429);
  });

  it("does not count who signs in, and not who has not tried", async () => {
    await using admin = await openAdmin({ signIn });
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      expect((await admin.call("/api/keys", { headers: BASIC })).status).toBe(200);
      expect((await admin.call("/api/keys")).status).toBe(401);
    }
  });

  it("leaves health open, and a line of each failure in the log without what was tried", async () => {
    await using admin = await openAdmin({ signIn });
    for (let attempt = 1; attempt <= 12; attempt += 1)
      await admin.call("/api/keys", { headers: basic("ops:CaNaRy-guess") });
    expect((await admin.call("/livez")).status).toBe(200);
    expect(admin.logged.lines).toHaveLength(10);
    expect(admin.logged.lines[0]).toMatchObject({ msg: "sign-in refused", network: "127.0.0.1" });
    expect(admin.logged.text()).not.toMatch(/CaNaRy|ops/);
  });
});
