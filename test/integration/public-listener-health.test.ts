/** `/livez` and `/readyz`, as an orchestrator and a person ask for them. */
import fastify from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { type Readiness, serveHealth } from "../../src/http/health.ts";
import { openRaw } from "../support/raw-http.ts";
import { until } from "../support/until.ts";
import { openPublicListener, type OpenListener } from "../support/public-listener.ts";

const ready: Readiness = async () => ({ ready: true, checks: { queue: "ok" } });
const notReady: Readiness = async () => ({ ready: false, checks: { queue: "evicts keys" } });
const broken: Readiness = () => Promise.reject(new Error("redis://:password@localhost does not answer"));

describe("health on the public listener", () => {
  let listener: OpenListener;

  afterEach(async () => {
    await listener.close();
  });

  const get = (path: string) => listener.ask({ method: "GET", path });

  it.each([
    ["ready", ready],
    ["not ready", notReady],
    ["unable to say whether it is ready", broken],
  ])("says that it lives while it is %s", async (_what, readiness) => {
    listener = await openPublicListener({ readiness });
    expect(await get("/livez")).toMatchObject({ status: 200, text: '{"live":true}' });
  });

  it.each([
    [ready, 200, '{"ready":true}'],
    [notReady, 503, '{"ready":false}'],
  ])("says whether it is ready, and never why", async (readiness, status, text) => {
    listener = await openPublicListener({ readiness });
    for (const path of ["/readyz", "/readyz?verbose", "/readyz?verbose=1"])
      expect(await get(path)).toMatchObject({ status, text, headers: { "cache-control": "no-store" } });
  });

  it("asks the queue no more often than it answers, however many strangers ask", async () => {
    let asked = 0;
    const answers = Promise.withResolvers<void>();
    const readiness = async () => {
      asked += 1;
      await answers.promise;
      return { ready: true, checks: {} };
    };
    listener = await openPublicListener({ readiness });
    const connection = openRaw(listener.url);
    connection.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100));
    connection.write("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await until("the queue is asked", () => asked > 0);
    answers.resolve();
    expect((await connection.received).match(/"ready":true/g)).toHaveLength(100);
    expect(asked).toBeLessThan(5);
  });

  it("is not ready, and says no more, if a check throws", async () => {
    listener = await openPublicListener({ readiness: broken });
    const reply = await get("/readyz?verbose");
    expect(reply.status).toBe(500);
    expect(JSON.parse(reply.text)).toEqual({
      type: "about:blank",
      title: "Internal Server Error",
      status: 500,
    });
  });

  it("answers HEAD as it answers GET, without a body", async () => {
    listener = await openPublicListener({ readiness: notReady });
    expect(await listener.ask({ method: "HEAD", path: "/livez" })).toMatchObject({ status: 200, text: "" });
    expect(await listener.ask({ method: "HEAD", path: "/readyz" })).toMatchObject({ status: 503, text: "" });
  });
});

describe("health where people may see details", () => {
  it.each([
    ["/readyz", { ready: false }],
    ["/readyz?verbose", { ready: false, checks: { queue: "evicts keys" } }],
  ])("answers %s with the checks only if asked", async (url, expected) => {
    const app = fastify();
    serveHealth(app, notReady);
    const reply = await app.inject({ url });
    await app.close();
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toEqual(expected);
  });
});
