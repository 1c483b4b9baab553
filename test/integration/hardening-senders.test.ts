/** Who may send webhooks, over real sockets: the list of addresses, proxies, and those who call for nothing. */
import { afterEach, describe, expect, it } from "vitest";
import type { Json } from "../../src/core/ports.ts";
import { FAILURES } from "../../src/http/sender-limits.ts";
import { WebhookGate, type WebhookGateSettings } from "../../src/http/webhook-gate.ts";
import { openRaw } from "../support/raw-http.ts";
import { captureLog } from "../support/captured-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { expiringBody, openPublicListener, type OpenListener } from "../support/public-listener.ts";

const PADDLE = "34.232.58.13";
const STRANGER = "198.51.100.1";
const BEHIND_US = { trustedProxies: ["127.0.0.1"] };
const TOO_LARGE = "x".repeat(262_145);
const FORGED = `ts=1763683200;h1=${"0".repeat(64)}`;

let listener: OpenListener | undefined;
afterEach(() => listener?.close());

async function open(settings: Partial<WebhookGateSettings>, noted?: Json) {
  const { log, lines } = captureLog();
  const clock = new FakeClock();
  const statuses: number[] = [];
  const gate = new WebhookGate(
    { allowedSources: null, trustedProxies: [], ...settings },
    { clock, log, noted: async () => noted },
  );
  listener = await openPublicListener({ gate, acknowledged: ({ status }) => void statuses.push(status) });
  const { deliver } = listener;
  const from = (forwardedFor: string, more: Record<string, string> = {}, body = expiringBody()) =>
    deliver(body, { "x-forwarded-for": forwardedFor, ...more });
  return { ...listener, from, lines, statuses, clock };
}

describe("a list of addresses", () => {
  it("lets Paddle send and refuses everybody else, whatever they signed, and reads nothing of it", async () => {
    const place = await open({ ...BEHIND_US, allowedSources: { networks: [], paddle: true } });
    expect((await place.from(PADDLE)).status).toBe(200);
    const refused = await place.from(STRANGER);
    expect(refused).toMatchObject({ status: 403, headers: { "content-type": "application/problem+json" } });
    expect(JSON.parse(refused.text)).toEqual({ type: "about:blank", title: "Forbidden", status: 403 });
    expect(place.queue.jobs).toHaveLength(1);
    expect(place.lines).toMatchObject([{ level: 40, sender: STRANGER, count: 1 }]);
    expect(place.statuses).toEqual([200, 403]);
  });

  it("counts as answered nobody who left before he had sent all", async () => {
    const place = await open({});
    const leaver = openRaw(place.url);
    leaver.write(
      "POST /webhooks/paddle HTTP/1.1\r\nhost: rotator\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    );
    leaver.end();
    await leaver.received;
    expect((await place.from(PADDLE)).status).toBe(200);
    expect(place.statuses).toEqual([200]);
  });

  it("judges the connection where no proxy is trusted: the header opens no door", async () => {
    const place = await open({ allowedSources: { networks: [], paddle: true } });
    expect((await place.from(PADDLE)).status).toBe(403);
    expect((await place.from(`${PADDLE}, ${PADDLE}`)).status).toBe(403);
  });

  it("is not passed by an address that the sender wrote before the proxy did", async () => {
    const place = await open({ ...BEHIND_US, allowedSources: { networks: [], paddle: true } });
    for (const header of [`${PADDLE}, ${STRANGER}`, `${PADDLE}, unknown`, STRANGER, "unknown", ""])
      expect((await place.from(header)).status, header).toBe(403);
    expect((await place.from(`${STRANGER}, ${PADDLE}`)).status).toBe(200);
  });

  it("may have addresses of one's own, and those that the sweep has noted", async () => {
    const noted = ["192.0.2.77/32"];
    const place = await open(
      { ...BEHIND_US, allowedSources: { networks: ["198.51.100.0/24"], paddle: true } },
      noted,
    );
    for (const allowed of [STRANGER, "192.0.2.77", PADDLE])
      expect((await place.from(allowed)).status).toBe(200);
    expect((await place.from("192.0.2.78")).status).toBe(403);
  });

  it("fills no disk: of a flood of refusals, one line a minute says how many", async () => {
    const place = await open({ ...BEHIND_US, allowedSources: { networks: [], paddle: true } });
    for (let count = 0; count < 20; count += 1) await place.from(STRANGER);
    expect(place.lines).toHaveLength(1);
    await place.clock.advance(60_000);
    await place.from(STRANGER);
    expect(place.lines).toMatchObject([{ count: 1 }, { count: 20 }]);
  });
});

describe("whoever calls for nothing too often", () => {
  it("gets 429 before anything is read, and nobody else does", async () => {
    const place = await open(BEHIND_US);
    const forge = async () => (await place.from(STRANGER, { "paddle-signature": FORGED })).status;
    for (let count = 0; count < FAILURES.burst; count += 1) expect(await forge()).toBe(401);
    const refused = await place.from(STRANGER, { "paddle-signature": FORGED });
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "1" } });
    expect((await place.from(PADDLE)).status).toBe(200);
    expect(place.lines).toMatchObject([{ level: 40, sender: STRANGER }]);
    await place.clock.advance(1_000);
    expect(await forge()).toBe(401);
    expect(await forge()).toBe(429);
  });

  it("calls for nothing also where nothing of the body is taken", async () => {
    const place = await open(BEHIND_US);
    const statuses: number[] = [];
    for (let count = 0; count < FAILURES.burst / 2; count += 1) {
      statuses.push((await place.from(STRANGER, {}, TOO_LARGE)).status);
      statuses.push((await place.from(STRANGER, { "content-encoding": "gzip" })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([413, 415]));
    expect((await place.from(STRANGER, {}, TOO_LARGE)).status).toBe(429);
    expect((await place.from(PADDLE)).status).toBe(200);
  });

  it("does not shut out Paddle with whom they share a proxy that nobody named, and the log says which", async () => {
    const place = await open({});
    expect((await place.from(PADDLE)).status).toBe(200);
    for (let count = 0; count < FAILURES.burst + 10; count += 1)
      expect((await place.from(STRANGER, { "paddle-signature": FORGED })).status).toBe(401);
    expect((await place.from(PADDLE)).status).toBe(200);
    expect(place.lines).toMatchObject([
      { proxy: "127.0.0.1", msg: expect.stringContaining("webhooks.trustedProxies") },
    ]);
  });

  it("is not Paddle after an outage: a storm of its retries passes", async () => {
    const place = await open(BEHIND_US);
    const statuses = new Set<number>();
    for (let round = 0; round < 30; round += 1) {
      const replies = await Promise.all(Array.from({ length: 50 }, () => place.from(PADDLE)));
      for (const { status } of replies) statuses.add(status);
    }
    expect([...statuses]).toEqual([200]);
  });
});
