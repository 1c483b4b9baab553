/** What an application sees of the rotator over HTTP, and what its odd answers come to. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import type { HttpOptions } from "../../../src/consumers/http/consumer.ts";
import { Secret } from "../../../src/core/secret.ts";
import { HttpApplication, jsonReply } from "../../support/consumers/http-application.ts";
import { consumerOf, type Net, SWITCH_OVER } from "../../support/consumers/http-consumer.ts";
import { FakeClock } from "../../support/fake-clock.ts";

let application: HttpApplication;

beforeEach(async () => {
  application = await HttpApplication.open();
});

afterEach(async () => {
  await application[Symbol.asyncDispose]();
});

const consumer = (options: Partial<HttpOptions> = {}, net: Net = {}) => consumerOf(application, options, net);

describe("a notification", () => {
  it("says which key was rotated and never its secret, signed as Standard Webhooks has it", async () => {
    await consumer({}, { clock: systemClock }).notify(SWITCH_OVER);
    expect([...application.notified]).toEqual([
      [
        "sw_7f3a9c",
        {
          type: "paddle_key.rotated",
          key: "billing-worker",
          rotation: "apkrot_01kad0000000000000000000d1",
          fingerprint: "sha256:0123456789abcdef",
        },
      ],
    ]);
    expect(application.requests[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": "sw_7f3a9c",
      "user-agent": "paddle-key-rotator",
    });
    expect(application.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  it("is refused by an application with another secret, and says what to compare", async () => {
    const secret = new Secret(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
    const telling = consumer({ notify: { url: `${application.url}/paddle-key/reload`, secret } });
    await expect(telling.notify(SWITCH_OVER)).rejects.toMatchObject({
      message: `consumer billing answered 401 (${application.url}/paddle-key/reload): check secret, here and at the application`,
      effect: "none",
      retry: "never",
    });
  });

  it("is sent again where the connection broke, with the same id, so that the application takes it once", async () => {
    application.losesAnswer = true;
    await consumer().notify(SWITCH_OVER);
    expect(application.requests.map(({ headers }) => headers["webhook-id"])).toEqual([
      "sw_7f3a9c",
      "sw_7f3a9c",
    ]);
    expect(application.notified.size).toBe(1);
  });

  it("is not sent again to an application that took it, by any process", async () => {
    const telling = consumer();
    await telling.notify(SWITCH_OVER);
    await telling.notify(SWITCH_OVER);
    expect(application.requests).toHaveLength(1);
  });

  it("may have been taken where no answer came: the error says so", async () => {
    application.always = () => ({ status: 0, drop: true });
    await expect(consumer().notify(SWITCH_OVER)).rejects.toMatchObject({ effect: "unknown", retry: "later" });
    expect(application.requests).toHaveLength(3);
  });

  it("has not been taken where nobody listens: the error says so", async () => {
    const { url } = application;
    await application[Symbol.asyncDispose]();
    await expect(consumer({}, { url }).notify(SWITCH_OVER)).rejects.toMatchObject({
      message: expect.stringContaining("cannot be reached (ECONNREFUSED from"),
      effect: "none",
      retry: "later",
    });
  });
});

describe("a passing fault", () => {
  it("is passed over where the application is back at once", async () => {
    application.instead.push({ status: 503 }, { status: 502 });
    expect((await consumer().observe(SWITCH_OVER)).state).toBe("under-way");
    expect(application.requests).toHaveLength(3);
  });

  it.each([
    ["7", 7_000],
    ["86400", 600_000],
    ["soon", null],
  ])("lets the queue wait as long as Retry-After asks, within reason: %s", async (header, retryAfterMs) => {
    for (const status of [429, 503]) {
      application.requests.length = 0;
      application.always = () => ({ status, headers: { "retry-after": header } });
      await expect(consumer().observe(SWITCH_OVER)).rejects.toMatchObject({ retry: "later", retryAfterMs });
      expect(application.requests).toHaveLength(1);
    }
  });

  it("never holds a worker longer than five seconds, although no answer comes", async () => {
    const clock = new FakeClock();
    application.always = () => ({ status: 0 });
    const looking = consumer({}, { clock }).observe(SWITCH_OVER);
    const failed = expect(looking).rejects.toMatchObject({
      message: expect.stringContaining("gave no whole answer (DEADLINE from"),
      retry: "later",
    });
    await expect.poll(() => application.requests.length).toBe(1);
    await clock.advance(5_000);
    await failed;
    expect(application.requests).toHaveLength(1);
  });
});

describe("a redirect", () => {
  it("is not followed, whatever it points to", async () => {
    await using other = await HttpApplication.open();
    for (const status of [301, 302, 303, 307, 308]) {
      application.always = () => ({ status, headers: { location: `${other.url}/paddle-key` } });
      for (const act of ["notify", "observe"] as const)
        await expect(consumer()[act](SWITCH_OVER)).rejects.toMatchObject({
          message: expect.stringContaining(
            `and redirects are not followed: set ${act === "notify" ? "notify" : "verify"}`,
          ),
          retry: "never",
        });
    }
    expect(other.requests).toEqual([]);
  });
});

describe("an answer", () => {
  it("with one fingerprint speaks for the application", async () => {
    application.always = () => jsonReply({ fingerprint: SWITCH_OVER.fingerprint, version: "1.2.3" });
    expect(await consumer().observe(SWITCH_OVER)).toEqual({
      state: "proved",
      instances: [{ id: "billing", state: "switched", says: null }],
      says: "1 of 1 instance uses sha256:0123456789abcdef.",
    });
  });

  it("with one fingerprint is no answer where several instances are expected", async () => {
    application.always = () => jsonReply({ fingerprint: SWITCH_OVER.fingerprint });
    await expect(consumer({ expect: 2 }).observe(SWITCH_OVER)).rejects.toMatchObject({
      message: expect.stringContaining("answers for one instance, but expect is 2"),
      retry: "never",
    });
    expect((await consumer({ expect: 1 }).observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("with too few instances proves nothing", async () => {
    const instances = [{ id: "a", fingerprint: SWITCH_OVER.fingerprint }];
    application.always = () => jsonReply({ instances });
    expect((await consumer({ expect: 2 }).observe(SWITCH_OVER)).state).toBe("under-way");
    application.always = () => jsonReply({ instances: [] });
    expect((await consumer().observe(SWITCH_OVER)).state).toBe("under-way");
  });

  it("with more than 1,000 instances is none", async () => {
    const instances = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ id: `i-${id}`, fingerprint: SWITCH_OVER.fingerprint }));
    application.always = () => jsonReply({ instances: instances(1_000) });
    expect((await consumer().observe(SWITCH_OVER)).state).toBe("proved");
    application.always = () => jsonReply({ instances: instances(1_001) });
    await expect(consumer().observe(SWITCH_OVER)).rejects.toThrow(/with 1000 at most/);
  });

  it("over 256 KiB is not read to its end", async () => {
    application.always = () =>
      jsonReply({ fingerprint: SWITCH_OVER.fingerprint, padding: "x".repeat(300_000) });
    await expect(consumer().observe(SWITCH_OVER)).rejects.toThrow(/UND_ERR_RES_EXCEEDED_MAX_SIZE/);
  });

  it.each(["application/json; charset=utf-8", "application/vnd.billing+json", "text/plain", null])(
    "may be of the content type %s",
    async (type) => {
      application.always = () => ({
        status: 200,
        headers: type === null ? {} : { "content-type": type },
        body: JSON.stringify({ fingerprint: SWITCH_OVER.fingerprint }),
      });
      expect((await consumer().observe(SWITCH_OVER)).state).toBe("proved");
    },
  );

  it("is asked for with the token, and without one where none is configured", async () => {
    await consumer().observe(SWITCH_OVER);
    application.always = () => jsonReply({ fingerprint: null });
    await consumer({ verify: { url: `${application.url}/paddle-key`, token: null } }).observe(SWITCH_OVER);
    expect(application.requests.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${application.token}`,
      undefined,
    ]);
  });
});

describe("what the rotator must be allowed to reach", () => {
  it("is said without what may be a secret in the query", () => {
    const verify = { url: "https://billing.internal/paddle-key?token=canary", token: null };
    expect(consumer({ verify }).needs).toEqual([
      `POST ${application.url}/paddle-key/reload`,
      "GET https://billing.internal/paddle-key",
    ]);
  });
});
