/** What instances of applications see at `POST /attestations`, over real sockets. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AttestationLists, recordedAttestations } from "../../src/consumers/attestations.ts";
import type { Attestations } from "../../src/core/attestation.ts";
import { QueueError } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import { FAILURES } from "../../src/http/sender-limits.ts";
import { buildPublicListener } from "../../src/http/public-listener.ts";
import { type CapturedLog, captureLog } from "../support/captured-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryWorkQueue } from "../support/memory-work-queue.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { openRaw } from "../support/raw-http.ts";

const TOKEN = "canary-token-of-billing";
const OTHER_TOKEN = "canary-token-of-the-shop";
const FINGERPRINT = "sha256:0123456789abcdef";
const ATTESTATION = { consumer: "billing", instance: "billing-7d4b9c-x2x9z", fingerprint: FINGERPRINT };

let clock: FakeClock;
let captured: CapturedLog;
let attestations: Attestations;
let records: AttestationLists;
let url: string;
let close: () => Promise<unknown>;

beforeEach(async () => {
  clock = new FakeClock();
  captured = captureLog();
  const memory = memoryRecords();
  records = memory;
  attestations = recordedAttestations({
    // Looked up at each call, so that a test can break it.
    records: {
      append: (...entry) => records.append(...entry),
      list: (...entry) => records.list(...entry),
      trim: (...entry) => records.trim(...entry),
    },
    clock,
  });
  const app = buildPublicListener({
    secrets: [new Secret("a webhook secret")],
    toleranceMs: 5_000,
    clock,
    queue: new MemoryWorkQueue(),
    alerts: { raise: async () => {} },
    keyNames: () => new Map(),
    log: captured.log,
    readiness: async () => ({ ready: true, checks: {} }),
    attesting: [
      { name: "billing", token: new Secret(TOKEN) },
      { name: "shop", token: new Secret(OTHER_TOKEN) },
    ],
    attestations,
    trustedProxies: ["127.0.0.1"],
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  close = () => app.close();
});

afterEach(async () => {
  await close();
  expect(captured.text()).not.toMatch(/canary/);
});

type Headers = Record<string, string>;

async function attest(what: unknown = ATTESTATION, token: string | null = TOKEN, headers: Headers = {}) {
  const body = typeof what === "string" ? what : JSON.stringify(what);
  const authorization: Headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/attestations`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization, ...headers },
    body,
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const kept = async (consumer = "billing") => (await attestations.of(consumer)).attestations;

describe("an attestation", () => {
  it("is kept for its consumer, and answered without a body", async () => {
    expect(await attest()).toMatchObject({ status: 204, text: "" });
    expect(await kept()).toEqual([{ instance: "billing-7d4b9c-x2x9z", fingerprint: FINGERPRINT }]);
    expect(await kept("shop")).toEqual([]);
  });

  it.each(["text/plain", "garbage", ""])("is taken with the content type %j", async (contentType) => {
    expect((await attest(ATTESTATION, TOKEN, { "content-type": contentType })).status).toBe(204);
  });

  it.each(["Bearer", "bearer", "BEARER"])("may write %s as it likes", async (scheme) => {
    const authorization = `${scheme} ${TOKEN}`;
    expect((await attest(ATTESTATION, null, { authorization })).status).toBe(204);
  });
});

describe("an attestation without its consumer's token", () => {
  it("is refused alike, whether the token, the consumer, or their match is wrong", async () => {
    const replies = await Promise.all([
      attest(ATTESTATION, null),
      attest(ATTESTATION, "wrong"),
      attest(ATTESTATION, `${TOKEN}x`),
      attest(ATTESTATION, OTHER_TOKEN),
      attest({ ...ATTESTATION, consumer: "unknown" }, TOKEN),
      attest({ ...ATTESTATION, consumer: "unknown" }, "wrong"),
      attest(ATTESTATION, null, { authorization: `Basic ${btoa(`billing:${TOKEN}`)}` }),
    ]);
    const seen = replies.map(({ status, text, headers }) => {
      return JSON.stringify([status, text, headers.get("www-authenticate"), headers.get("content-type")]);
    });
    expect(new Set(seen).size).toBe(1);
    expect(replies[0]?.status).toBe(401);
    expect(await kept()).toEqual([]);
  });

  it("is no longer looked at where it comes again and again, and fills no disk; others may go on", async () => {
    const stranger = { "x-forwarded-for": "198.51.100.1" };
    const instance = { "x-forwarded-for": "203.0.113.1" };
    for (let count = 0; count < FAILURES.burst; count += 1)
      expect((await attest(ATTESTATION, null, stranger)).status).toBe(401);
    const refused = await attest(ATTESTATION, TOKEN, stranger);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await attest(ATTESTATION, TOKEN, instance)).status).toBe(204);
    expect(captured.lines).toMatchObject([{ level: 40, sender: "198.51.100.1", count: 1 }]);
  });

  it("is refused before any of its body has come", async () => {
    const connection = openRaw(url);
    connection.write(
      "POST /attestations HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\nConnection: close\r\n\r\n",
    );
    expect(await connection.received).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe("a body that is no attestation", () => {
  it.each([
    ["is not JSON", "{"],
    ["is empty", ""],
    ["is not UTF-8", '{"consumer":"billing","instance":"\udc80"}'],
    ["is a list", [ATTESTATION]],
    ["has a field too many", { ...ATTESTATION, at: 1 }],
    ["has a field too few", { consumer: "billing", instance: "a" }],
    ["has no instance", { ...ATTESTATION, instance: "" }],
    ["has an instance of spaces", { ...ATTESTATION, instance: "   " }],
    ["has an instance that is too long", { ...ATTESTATION, instance: "a".repeat(101) }],
    ["has an instance with a line break", { ...ATTESTATION, instance: "a\nb" }],
    ["has an instance with an escape", { ...ATTESTATION, instance: "a\u001b[31m" }],
    ["has an instance that reads backwards", { ...ATTESTATION, instance: "a\u202eb" }],
    ["has a fingerprint that is none", { ...ATTESTATION, fingerprint: "sha256:0123" }],
    ["has a key as its fingerprint", { ...ATTESTATION, fingerprint: "pdl_live_apikey_canary" }],
    ["has a key as its instance", { ...ATTESTATION, instance: "pdl_live_apikey_canary" }],
  ])("is refused when it %s, and not repeated", async (_what, body) => {
    const reply = await attest(body);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text).detail).toMatch(/^Send \{"consumer"/);
    expect(reply.text).not.toMatch(/canary|u001b/);
    expect(await kept()).toEqual([]);
  });

  it("is refused when it is longer than 4 KiB", async () => {
    const padding = " ".repeat(4_096 - JSON.stringify(ATTESTATION).length);
    expect((await attest(JSON.stringify(ATTESTATION) + padding)).status).toBe(204);
    expect((await attest(`${JSON.stringify(ATTESTATION)}${padding} `)).status).toBe(413);
  });

  it("is refused when it is compressed", async () => {
    expect((await attest(ATTESTATION, TOKEN, { "content-encoding": "gzip" })).status).toBe(415);
  });
});

describe("attestations without measure", () => {
  it("are refused once a consumer's instances report more than 1,000 at once, until a little later", async () => {
    for (let index = 0; index < 1_000; index += 1) await attest();
    const refused = await attest();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    const shop = { ...ATTESTATION, consumer: "shop" };
    expect((await attest(shop, OTHER_TOKEN)).status).toBe(204);
    await clock.advance(99);
    expect((await attest()).status).toBe(429);
    await clock.advance(1);
    expect((await attest()).status).toBe(204);
    expect((await attest()).status).toBe(429);
  });

  it("are refused from one instance more than are counted", async () => {
    for (let index = 0; index < 1_000; index += 1)
      await attestations.take("billing", { instance: `i-${index}`, fingerprint: FINGERPRINT });
    const refused = await attest();
    expect([refused.status, JSON.parse(refused.text).detail]).toEqual([
      429,
      "This consumer has too many instances.",
    ]);
    expect((await attest({ ...ATTESTATION, instance: "i-7" })).status).toBe(204);
  });
});

describe("an attestation that cannot be recorded", () => {
  it("is asked for again later", async () => {
    records = {
      ...records,
      append: () =>
        Promise.reject(new QueueError("the records are away", { effect: "none", retry: "later" })),
    };
    const reply = await attest();
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toBe("60");
    expect(captured.text()).toContain("the records are away");
  });
});
