/** Nothing but health is served to those who do not prove who they are. */
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/core/errors.ts";
import { BASIC, BEARER, CREDENTIALS, openAdmin } from "../../support/admin/world.ts";

const CLOSED = [
  ["GET", "/"],
  ["GET", "/api/keys"],
  ["GET", "/api/keys/billing"],
  ["POST", "/api/keys/billing/rotations"],
  ["GET", "/queues"],
  ["GET", "/queues/queue/rotations"],
  ["GET", "/queues/api/queues"],
  ["GET", "/queues/static/favicon.ico"],
  ["HEAD", "/queues/static/favicon.ico"],
  ["GET", "/queues/static/../static/favicon.ico"],
  ["GET", "/queues/static/nothing-here"],
  ["PUT", "/queues/api/queues/pause"],
  ["GET", "/nothing-here"],
  ["GET", "//livez"],
  ["GET", "/livez/"],
  ["GET", "/livez/../api/keys"],
  ["POST", "/livez/../api/keys/billing/rotations"],
  ["GET", "/LIVEZ"],
  ["OPTIONS", "/api/keys"],
  ["DELETE", "/api/keys"],
] as const;

const NOT_READY = () => Promise.resolve({ ready: false, checks: { queue: "down" } });

describe("a listener with credentials", () => {
  it.each(CLOSED)("answers 401 to %s %s without them", async (method, path) => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    const answer = await admin.call(path, { method });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe(
      'Basic realm="paddle-key-rotator", charset="UTF-8", Bearer realm="paddle-key-rotator"',
    );
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    if (method !== "HEAD") expect(answer.json()).toMatchObject({ status: 401, title: "Unauthorized" });
    expect(admin.workQueue.puts).toEqual([]);
  });

  it.each([
    ["Basic", BASIC],
    ["Bearer", BEARER],
  ])("serves those who sign in by %s", async (_scheme, headers) => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    for (const path of ["/api/keys", "/queues", "/queues/api/queues", "/queues/static/favicon.ico"])
      expect((await admin.call(path, { headers })).status, path).toBe(200);
    expect((await admin.call("/nothing-here", { headers })).status).toBe(404);
  });

  it.each([
    ["a wrong password", `Basic ${Buffer.from("ops:wrong").toString("base64")}`],
    ["a wrong token", "Bearer wrong"],
    ["credentials that cannot be read", "Basic %%%"],
    ["no scheme", "CaNaRy-token"],
  ])("answers 401 to %s", async (_what, authorization) => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    expect((await admin.call("/api/keys", { headers: { authorization } })).status).toBe(401);
  });

  it("asks for the ways to sign in that are configured, and for no others", async () => {
    await using people = await openAdmin({ signIn: { ...CREDENTIALS, token: null } });
    await using programs = await openAdmin({ signIn: { ...CREDENTIALS, user: null } });
    expect((await people.call("/api/keys")).headers["www-authenticate"]).toMatch(
      /^Basic [^,]+, charset="UTF-8"$/,
    );
    expect((await programs.call("/api/keys")).headers["www-authenticate"]).toMatch(/^Bearer [^,]+$/);
    expect((await people.call("/api/keys", { headers: BEARER })).status).toBe(401);
    expect((await programs.call("/api/keys", { headers: BASIC })).status).toBe(401);
  });

  it("tells an orchestrator how it is without a sign-in, under any host name", async () => {
    await using admin = await openAdmin({ signIn: CREDENTIALS, readiness: NOT_READY });
    const headers = { host: "rotator.internal" };
    expect((await admin.call("/livez", { headers })).status).toBe(200);
    expect((await admin.call("/readyz?verbose", { headers })).status).toBe(503);
  });

  it("puts no credentials into answers or the log", async () => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    const answers = [
      await admin.call("/api/keys"),
      await admin.call("/api/keys", { headers: { authorization: "Bearer CaNaRy-tokem" } }),
      await admin.call("/api/keys", { headers: BASIC }),
      await admin.call("/api/keys/billing/rotations", {
        method: "POST",
        headers: BEARER,
        body: { mode: "graceful" },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200, 202]);
    expect(answers.map(({ text, headers }) => text + JSON.stringify(headers)).join()).not.toContain("CaNaRy");
    expect(admin.logged.text()).not.toContain("CaNaRy");
  });
});

describe("a listener without credentials", () => {
  it("cannot be built for an address that the network reaches", async () => {
    const opening = openAdmin({ listensOnLoopbackOnly: false });
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/ADMIN_USER and ADMIN_PASSWORD, or ADMIN_TOKEN/);
  });

  it("can be built for such an address with one of them", async () => {
    for (const missing of [{ user: null }, { token: null }]) {
      const signIn = { ...CREDENTIALS, ...missing };
      await using admin = await openAdmin({ signIn, listensOnLoopbackOnly: false });
      expect((await admin.call("/livez")).status).toBe(200);
    }
  });

  it("serves whoever is on this machine", async () => {
    await using admin = await openAdmin();
    const { port } = new URL(admin.origin);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await admin.call("/api/keys", { headers: { host } })).status, host).toBe(200);
  });

  it.each(["/", "/api/keys", "/queues", "/queues/static/favicon.ico", "/livez", "/nothing-here"])(
    "refuses %s to a page that gave its own name our address",
    async (path) => {
      await using admin = await openAdmin();
      const answer = await admin.call(path, { headers: { host: "rebound.example:9090" } });
      expect(answer.status).toBe(403);
      expect(answer.json()).toMatchObject({ detail: expect.stringContaining("only requests to localhost") });
    },
  );
});

describe("pages of other sites", () => {
  const rotate = { method: "POST", body: { mode: "graceful" } } as const;

  it.each([
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["another port of this machine", { "sec-fetch-site": "same-site" }],
    ["another origin", { origin: "https://evil.example" }],
    ["a sandboxed frame", { origin: "null" }],
  ])("cannot use a signed-in person's browser to rotate a key: %s", async (_who, headers) => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    const answer = await admin.call("/api/keys/billing/rotations", {
      ...rotate,
      headers: { ...BASIC, ...headers },
    });
    expect(answer.status).toBe(403);
    expect(admin.workQueue.puts).toEqual([]);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "cannot send a form of type %s, even from a browser that tells nothing",
    async (type) => {
      await using admin = await openAdmin();
      const headers = { "content-type": type };
      const answer = await admin.call("/api/keys/billing/rotations", { ...rotate, headers });
      expect(answer.status).toBe(415);
      expect(admin.workQueue.puts).toEqual([]);
    },
  );

  it("cannot use up Paddle's patience with images of our addresses, but may link to them", async () => {
    await using admin = await openAdmin();
    const image = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" };
    const link = { ...image, "sec-fetch-dest": "document" };
    expect((await admin.call("/api/keys/billing", { headers: image })).status).toBe(403);
    expect((await admin.call("/queues", { headers: link })).status).toBe(200);
  });

  it("get no permission to read", async () => {
    await using admin = await openAdmin();
    const answer = await admin.call("/api/keys", { headers: { origin: "https://evil.example" } });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });

  it("do not stand in the way of our own page", async () => {
    await using admin = await openAdmin();
    const headers = { "sec-fetch-site": "same-origin", origin: admin.origin };
    expect((await admin.call("/api/keys/billing/rotations", { ...rotate, headers })).status).toBe(202);
  });
});
