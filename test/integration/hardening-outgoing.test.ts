/**
 * Whatever is configured, nobody is made to ask a cloud's metadata service or another link-local address: one test for
 * each sender. The consumers' are in consumers/http-addresses.test.ts.
 */
import { describe, expect, it } from "vitest";
import { openEmailChannel } from "../../src/alerts/channels/email.ts";
import { createPost } from "../../src/alerts/channels/post.ts";
import { httpCheck } from "../../src/checks/http.ts";
import { prometheusCheck } from "../../src/checks/prometheus.ts";
import { systemClock } from "../../src/clock.ts";
import { Secret } from "../../src/core/secret.ts";
import { createPaddleClient } from "../../src/paddle/client.ts";
import { beat } from "../../src/reconcile/heartbeat.ts";
import { guardedGet } from "../../src/requests/get.ts";
import type { Resolve } from "../../src/requests/lookup.ts";
import { vaultStore } from "../../src/stores/vault/store.ts";
import { HttpFake } from "../support/alerts/http-fake.ts";
import { LEAKED } from "../support/alerts/sample-alerts.ts";
import { captureLog } from "../support/captured-log.ts";

const METADATA = "169.254.169.254";
/** A name server that somebody else owns. */
const hostile: Resolve = (_host, done) => done(null, [{ address: METADATA, family: 4 }]);
const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
const KEY = new Secret(`pdl_live_${KEY_ID}_Ab1Cd2Ef3Gh4Ij5Kl6Mn7O_p8Q`);
const check = {
  name: "probe",
  windowMs: 900_000,
  everyMs: 30_000,
  onFailure: "alert",
  failsAfter: { looks: 3, lastingMs: 0 },
} as const;

const post = (url: string, resolve?: Resolve) =>
  createPost(
    systemClock,
    resolve,
  )({
    place: "alert channel ops (test)",
    url,
    body: "{}",
    explain: () => ({ problem: "it is refused", remedy: "do something" }),
  });

const email = async (host: string, resolve?: Resolve) => {
  const options = {
    host,
    port: 587,
    tls: "starttls",
    login: null,
    from: "a@b.example",
    caFile: null,
  } as const;
  const needs = { clock: systemClock, log: captureLog().log, ...(resolve && { resolve }) };
  const channel = await openEmailChannel("ops", { ...options, to: ["c@d.example"] }, needs);
  await channel.send(LEAKED);
};

describe("an alert channel over HTTP (slack, pagerduty, webhook)", () => {
  it.each([
    ["an address", `https://${METADATA}/`, undefined],
    ["the same in other words", "https://[::ffff:a9fe:a9fe]/", undefined],
    ["a name that leads there", "https://hooks.example.com/", hostile],
  ])("is not asked at %s, and the alert says so", async (_what, url, resolve) => {
    await expect(post(url, resolve)).rejects.toMatchObject({
      effect: "none",
      retry: "never",
      message: expect.stringMatching(/was not asked, because nothing is sent to .*: give another address$/),
    });
  });

  it("is asked where it is", async () => {
    await using server = await HttpFake.open(() => ({ status: 200, body: "" }));
    await post(server.origin);
    expect(server.requests).toHaveLength(1);
  });
});

describe("an alert channel over SMTP", () => {
  it.each([
    ["an address", METADATA, undefined],
    ["a name that leads there", "mail.example.com", hostile],
  ])("is not asked at %s", async (_what, host, resolve) => {
    await expect(email(host, resolve)).rejects.toMatchObject({
      effect: "none",
      retry: "never",
      message: expect.stringContaining(`nothing is sent to ${METADATA}`),
    });
  });
});

describe("the heartbeat", () => {
  it("is sent to no such address, and is sent where it is configured", async () => {
    const { log, lines } = captureLog();
    await beat(new Secret(`https://${METADATA}/ping`), { get: guardedGet(), log });
    await beat(new Secret("https://monitor.example.com/ping"), { get: guardedGet(hostile), log });
    const refused = {
      msg: "the heartbeat could not be sent: check reconcile.heartbeat",
      reason: `nothing is sent to ${METADATA}, which is link-local, a cloud's metadata service or no single machine`,
    };
    expect(lines).toMatchObject([
      { ...refused, host: METADATA },
      { ...refused, host: "monitor.example.com" },
    ]);
    await using server = await HttpFake.open(() => ({
      status: 302,
      headers: { location: "/other" },
      body: "",
    }));
    await beat(new Secret(`${server.origin}/ping`), { get: guardedGet(), log });
    expect(lines.at(-1)).toMatchObject({
      status: 302,
      msg: "the heartbeat was not taken: check reconcile.heartbeat",
    });
    expect(server.requests.map(({ path }) => path)).toEqual(["/ping"]);
  });
});

describe("Vault", () => {
  it("gets no token at such an address", async () => {
    const names = { active: "A", old: "O", pending: "P", standby: "S" };
    const auth = { method: "token", token: new Secret("hvs.canary") } as const;
    const place = { namespace: null, mount: "secret", path: "billing", fields: names, auth, caFile: null };
    const patience = { requestMs: 200, operationMs: 400, pauseMs: 1 };
    const store = vaultStore(
      { ...place, address: `https://${METADATA}:8200` },
      { clock: systemClock, patience },
    );
    await expect(store.read()).rejects.toMatchObject({
      effect: "none",
      message: expect.stringContaining("EADDRREFUSED"),
    });
  });
});

describe("Paddle's API", () => {
  it("gets no key at such an address, whatever PADDLE_API_URL says", async () => {
    const { log } = captureLog();
    const apiUrl = new URL(`https://${METADATA}`);
    const client = createPaddleClient({
      apiUrl,
      requestsPerMinute: 60,
      version: "0",
      clock: systemClock,
      log,
    });
    await expect(client.ask(KEY_ID, KEY)).rejects.toMatchObject({
      code: "not_connected",
      effect: "none",
      message: expect.stringContaining("EADDRREFUSED"),
    });
    await client.close();
  });
});

describe("a check", () => {
  it.each([
    ["an address", `http://${METADATA}/`, undefined],
    ["a name that leads there", "https://billing.example.com/", hostile],
  ])("asks nothing at %s", async (_what, url, resolve) => {
    const net = resolve ? { resolve } : {};
    const probe = httpCheck(
      { ...check, url, expectStatus: { from: 200, to: 299 }, token: null },
      { clock: systemClock },
      net,
    );
    const query = prometheusCheck(
      { ...check, url, query: "up", bad: { is: "below", threshold: 1 }, token: null },
      { clock: systemClock },
      net,
    );
    for (const one of [probe, query])
      expect(await one.look()).toMatchObject({
        state: "unknown",
        says: expect.stringContaining("not asked"),
      });
  });
});
