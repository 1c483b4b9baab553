/** Probes: what an application's answer says of its secret, and what says nothing. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { httpCheck, type HttpOptions } from "../../../src/checks/http.ts";
import { Secret } from "../../../src/core/secret.ts";

let server: Server;
let port: number;
let answer: (response: ServerResponse) => void;
const seen: { path: string | undefined; authorization: string | undefined }[] = [];

beforeEach(async () => {
  seen.length = 0;
  answer = (response) => response.end("ok");
  server = createServer(({ url, headers }, response) => {
    seen.push({ path: url, authorization: headers.authorization });
    answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function look(options: Partial<HttpOptions> = {}, net: Parameters<typeof httpCheck>[2] = {}) {
  const check = httpCheck(
    {
      name: "probe",
      windowMs: 900_000,
      everyMs: 30_000,
      onFailure: "alert",
      failsAfter: { looks: 3, lastingMs: 0 },
      url: `http://127.0.0.1:${port}/healthz?token=canary`,
      expectStatus: { from: 200, to: 299 },
      token: null,
      ...options,
    },
    { clock: systemClock },
    net,
  );
  return check.look();
}

describe("a probe", () => {
  it.each([
    [200, "good"],
    [299, "good"],
    [300, "bad"],
    [401, "bad"],
    [500, "bad"],
    [503, "bad"],
    [429, "unknown"],
  ])("that is answered with %i is %s", async (status, state) => {
    answer = (response) => response.writeHead(status).end();
    const said = await look();
    expect(said).toEqual({ state, says: expect.stringContaining(`It answered ${status}`) });
  });

  it("may expect another answer", async () => {
    const expectStatus = { from: 401, to: 401 };
    expect(await look({ expectStatus })).toEqual({ state: "bad", says: "It answered 200 instead of 401." });
    answer = (response) => response.writeHead(401).end();
    expect(await look({ expectStatus })).toMatchObject({ state: "good" });
  });

  it("follows no redirect", async () => {
    answer = (response) => response.writeHead(302, { location: "/login" }).end();
    expect(await look()).toEqual({
      state: "bad",
      says: expect.stringContaining("redirects are not followed"),
    });
    expect(seen).toHaveLength(1);
  });

  it("sends its token, and says nothing of it or of the address", async () => {
    await look({ token: new Secret("canary-probe-token-1") });
    expect(seen).toEqual([{ path: "/healthz?token=canary", authorization: "Bearer canary-probe-token-1" }]);
    answer = (response) => response.writeHead(500, { location: "canary" }).end("canary");
    expect(JSON.stringify(await look({ token: new Secret("canary-probe-token-1") }))).not.toContain("canary");
  });
});

describe("an application", () => {
  it("that hangs up is bad", async () => {
    answer = (response) => response.destroy();
    expect(await look()).toMatchObject({ state: "bad" });
  });

  it("that does not answer in time is bad, and nobody waits longer", async () => {
    answer = () => {};
    expect(await look({}, { deadlineMs: 50 })).toEqual({
      state: "bad",
      says: expect.stringContaining("DEADLINE"),
    });
  });

  it("that does not listen is bad", async () => {
    const url = `http://127.0.0.1:${port}/`;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await look({ url })).toEqual({ state: "bad", says: expect.stringContaining("ECONNREFUSED") });
  });
});

describe("what says nothing of an application", () => {
  it("is a name that is not found", async () => {
    const error = Object.assign(new Error("getaddrinfo"), { code: "EAI_AGAIN" });
    const said = await look(
      { url: "http://billing.internal/" },
      { resolve: (_host, done) => done(error, []) },
    );
    expect(said).toEqual({ state: "unknown", says: expect.stringContaining("EAI_AGAIN") });
  });

  it("is an address that is not connected to", async () => {
    const resolve = (
      _host: string,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ) => done(null, [{ address: "169.254.169.254", family: 4 }]);
    expect(await look({ url: "http://billing.internal/" }, { resolve })).toEqual({
      state: "unknown",
      says: expect.stringContaining("cloud metadata"),
    });
    expect(await look({ url: "http://8.8.8.8/" })).toMatchObject({ state: "unknown" });
  });
});
