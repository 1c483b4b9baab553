import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../src/core/alert.ts";
import { QueueError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { receive, type ReceiveDeps } from "../../../src/webhook/receive.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryWorkQueue } from "../../support/memory-work-queue.ts";
import { eventBody, keyData } from "../../support/paddle-simulator/events.ts";
import { signWebhook } from "../../support/paddle-simulator/sign.ts";

const SECRET = "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY";
const EVENT = "evt_01kac0000000000000000000a1";
const EXPIRING = eventBody("api_key.expiring", keyData(), { eventId: EVENT });

function setUp(options: { raise?: (alert: Alert) => Promise<void> } = {}) {
  const clock = new FakeClock();
  const queue = new MemoryWorkQueue();
  const alerts: Alert[] = [];
  const log = captureLog();
  const deps: ReceiveDeps = {
    secrets: [new Secret("another"), new Secret(SECRET)],
    toleranceMs: 5_000,
    clock,
    queue,
    alerts: { raise: options.raise ?? (async (alert) => void alerts.push(alert)) },
    keyNames: () => new Map([[keyData().id, "billing-worker"]]),
    log: log.log,
  };
  const deliver = (body: string, tsSeconds = clock.now() / 1_000) =>
    receive({ rawBody: Buffer.from(body), signatureHeader: signWebhook(SECRET, body, tsSeconds) }, deps);
  return { clock, queue, alerts, deps, deliver, ...log };
}

const INFO = 30;
const WARN = 40;
const ERROR = 50;

describe("receiving a webhook", () => {
  it("answers 200 once the job is in the queue, and logs one line about it", async () => {
    const { deliver, queue, lines } = setUp();
    expect(await deliver(EXPIRING)).toEqual({ status: 200 });
    expect(queue.jobs).toMatchObject([{ job: "rotate", keyName: "billing-worker", eventId: EVENT }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: INFO,
      msg: "webhook received",
      eventId: EVENT,
      eventType: "api_key.expiring",
      result: "queued",
    });
  });

  it("answers 200 to a repeated delivery and adds no second job", async () => {
    const { deliver, queue, clock } = setUp();
    await deliver(EXPIRING);
    await clock.advance(60_000);
    expect(await deliver(EXPIRING)).toEqual({ status: 200 });
    expect(queue.puts).toHaveLength(2);
    expect(queue.jobs).toHaveLength(1);
  });

  it("answers 200 to an event that asks for nothing, and says in the log why", async () => {
    const { deliver, queue, lines } = setUp();
    expect(await deliver(eventBody("transaction.completed", {}))).toEqual({ status: 200 });
    expect(queue.puts).toEqual([]);
    expect(lines).toMatchObject([{ level: INFO, result: "ignored", because: "not-about-a-key" }]);
  });

  it("answers 400 to a malformed signature header", async () => {
    const { deps, queue, lines } = setUp();
    const answer = await receive({ rawBody: Buffer.from(EXPIRING), signatureHeader: undefined }, deps);
    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining("Paddle-Signature") });
    expect(queue.puts).toEqual([]);
    expect(lines).toMatchObject([{ level: WARN, reason: expect.stringContaining("missing") }]);
  });

  it("answers 401 to a signature that does not match, and alerts nobody", async () => {
    const { deps, queue, alerts, lines, clock } = setUp();
    const signatureHeader = signWebhook("wrong", EXPIRING, clock.now() / 1_000 - 60);
    const answer = await receive({ rawBody: Buffer.from(EXPIRING), signatureHeader }, deps);
    expect(answer).toMatchObject({ status: 401 });
    expect({ puts: queue.puts, alerts }).toEqual({ puts: [], alerts: [] });
    expect(lines).toMatchObject([{ level: WARN }]);
  });

  it("answers 400 to a body that is signed but not an event", async () => {
    const { deliver, queue, lines } = setUp();
    expect(await deliver("{}")).toMatchObject({
      status: 400,
      detail: expect.stringContaining("not an event"),
    });
    expect(queue.puts).toEqual([]);
    expect(lines).toMatchObject([{ level: WARN, reason: expect.stringContaining("event_id") }]);
  });

  it("writes neither bodies nor signatures nor secrets into the log", async () => {
    const { deliver, deps, text } = setUp();
    const canary = "canary-in-a-body";
    await deliver(eventBody("api_key.expiring", keyData({ name: canary, description: canary })));
    await deliver(eventBody("api_key.expiring", { id: canary }));
    const forged = `ts=1700000000;h1=${"c".repeat(64)}`;
    await receive({ rawBody: Buffer.from(canary), signatureHeader: forged }, deps);
    await receive({ rawBody: Buffer.from(canary), signatureHeader: `${forged};${canary}` }, deps);
    for (const hidden of [canary, SECRET, "c".repeat(64)]) expect(text()).not.toContain(hidden);
  });
});

describe("a queue that does not take the job", () => {
  it("is answered with 503 and when to come back", async () => {
    const { deliver, queue, lines } = setUp();
    queue.state = "down";
    expect(await deliver(EXPIRING)).toEqual({
      status: 503,
      detail: "The event could not be queued.",
      retryAfterSeconds: 10,
    });
    expect(lines).toMatchObject([{ level: ERROR, eventId: EVENT, err: { message: "the queue is down" } }]);
  });

  it("is waited for until it gives up", async () => {
    const { deliver, queue, lines } = setUp();
    queue.state = "silent";
    let status: number | undefined;
    const answered = deliver(EXPIRING).then((answer) => (status = answer.status));
    await setImmediate();
    expect(queue.puts).toHaveLength(1);
    expect(status).toBeUndefined();
    queue.giveUp();
    await answered;
    expect(status).toBe(503);
    expect(lines).toMatchObject([{ level: ERROR, err: { message: "the queue was too slow" } }]);
  });

  it("takes the event at Paddle's next attempt", async () => {
    const { deliver, queue, clock } = setUp();
    queue.state = "down";
    await deliver(EXPIRING);
    queue.state = "up";
    await clock.advance(60_000);
    expect(await deliver(EXPIRING)).toEqual({ status: 200 });
    expect(queue.jobs).toHaveLength(1);
  });
});

describe("a signed webhook outside the time tolerance", () => {
  it.each([
    ["5 s old", -5, 200],
    ["6 s old", -6, 401],
    ["5 s ahead", 5, 200],
    ["6 s ahead", 6, 401],
  ])("%s (%i s) is answered with %i", async (_what, seconds, status) => {
    const { deliver, clock, alerts } = setUp();
    expect(await deliver(EXPIRING, clock.now() / 1_000 + seconds)).toMatchObject({ status });
    expect(alerts).toHaveLength(status === 200 ? 0 : 1);
  });

  it("raises an alert with the measured skew", async () => {
    const { deliver, clock, alerts, queue, lines } = setUp();
    await deliver(EXPIRING, clock.now() / 1_000 - 42);
    expect(queue.puts).toEqual([]);
    expect(alerts).toMatchObject([{ kind: "clock-skew", happened: expect.stringContaining("42 s behind") }]);
    expect(lines).toMatchObject([{ level: WARN, skewMs: 42_000 }]);
  });

  it("is answered at once even if the alert hangs", async () => {
    const { deliver, clock } = setUp({ raise: () => new Promise(() => {}) });
    expect(await deliver(EXPIRING, clock.now() / 1_000 - 42)).toMatchObject({ status: 401 });
  });

  it("has its alert in the log if the alert cannot be queued", async () => {
    const down = new QueueError("the queue is down", { effect: "none", retry: "later" });
    const { deliver, clock, lines } = setUp({ raise: () => Promise.reject(down) });
    expect(await deliver(EXPIRING, clock.now() / 1_000 - 42)).toMatchObject({ status: 401 });
    await clock.advance(0);
    expect(lines).toMatchObject([
      { level: WARN },
      { level: ERROR, msg: "alert not queued", alert: { kind: "clock-skew" } },
    ]);
  });
});
