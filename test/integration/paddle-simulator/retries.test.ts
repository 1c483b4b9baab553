/** A webhook that is not answered with 200 in time is tried again, by Paddle's rules. */
import { describe, expect, it } from "vitest";
import { type PaddleSimulator, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { type Receiver, signatureOf, startReceiver } from "./receiver.ts";
import { NOW, start } from "./stopped-clock.ts";

/** How often the receiver was called for one event when time goes on and on. */
async function attemptsUntilExhausted(paddle: PaddleSimulator, receiver: Receiver): Promise<number> {
  paddle.addDestination({ url: receiver.url });
  paddle.createKey({ expiresAt: null });
  await paddle.settled();
  while (paddle.deliveries[0]?.status === "waiting") {
    paddle.clock.advance((paddle.deliveries[0].nextAttemptAt ?? 0) - paddle.clock.now());
    await paddle.settled();
  }
  expect(paddle.deliveries[0]?.status).toBe("failed");
  return receiver.received.length;
}

describe("a webhook that is not answered with 200", () => {
  it("is tried again after a minute: same bytes, fresh signature", async () => {
    const paddle = await start();
    await using receiver = await startReceiver(500, 200);
    paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    await paddle.settled();
    paddle.clock.advance(59_999);
    await paddle.settled();
    expect(receiver.received).toHaveLength(1);
    paddle.clock.advance(1);
    await paddle.settled();
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(paddle.deliveries).toMatchObject([
      {
        status: "delivered",
        attempts: [
          { at: NOW, status: 500, responseBody: "answer 500" },
          { at: NOW + 60_000, status: 200 },
        ],
      },
    ]);
  });

  it("has a fresh time in its signature when the receiver's time went on", async () => {
    let now = NOW;
    await using paddle = await startPaddleSimulator({ clock: { now: () => now } });
    await using receiver = await startReceiver(500, 200);
    paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    await paddle.settled();
    now += 61_000;
    await paddle.settled();
    const times = receiver.received.map((received) => signatureOf(received).split(";")[0]);
    expect(times).toEqual([`ts=${Math.floor(NOW / 1000)}`, `ts=${Math.floor(NOW / 1000) + 61}`]);
  });

  it.each([
    ["sandbox", "without-first", 4],
    ["sandbox", "with-first", 3],
    ["live", "without-first", 61],
  ] as const)("in %s, retries counted %s, fails after %i attempts", async (environment, count, attempts) => {
    const paddle = await start({ webhookRetryCount: count }, environment);
    await using receiver = await startReceiver(503);
    expect(await attemptsUntilExhausted(paddle, receiver)).toBe(attempts);
  });

  it.each([302, 307, 401, 400])("but with %i has failed like any other", async (status) => {
    const paddle = await start({ webhookRetryCount: "with-first" });
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver((response) => {
      response.writeHead(status, { location: elsewhere.url }).end();
    });
    expect(await attemptsUntilExhausted(paddle, receiver)).toBe(3);
    expect(elsewhere.received).toEqual([]);
  });

  it("but not at all within the limit has failed", async () => {
    const paddle = await start({ webhookAnswerWithinMs: 300 });
    await using receiver = await startReceiver(() => {}, 200);
    paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    await paddle.settled();
    paddle.clock.advance(60_000);
    await paddle.settled();
    expect(paddle.deliveries[0]?.attempts.map(({ status }) => status)).toEqual([null, 200]);
  });

  it("because nobody listens has failed, and arrives once somebody does", async () => {
    const paddle = await start();
    const gone = await startReceiver();
    await gone[Symbol.asyncDispose]();
    paddle.addDestination({ url: gone.url });
    paddle.createKey();
    await paddle.settled();
    expect(paddle.deliveries[0]).toMatchObject({
      status: "waiting",
      attempts: [{ status: null }],
      nextAttemptAt: NOW + 60_000,
    });
  });

  it.each([
    ["200", "waiting"],
    ["2xx", "delivered"],
  ] as const)("but with 204, where success is %s, is %s", async (webhookSuccess, status) => {
    const paddle = await start({ webhookSuccess });
    await using receiver = await startReceiver(204);
    paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    await paddle.settled();
    expect(paddle.deliveries[0]?.status).toBe(status);
  });
});
