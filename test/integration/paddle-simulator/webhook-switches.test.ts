/** What delivery leaves open, each switch in every position; those of retries are tested with the retries. */
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { signWebhook } from "../../support/paddle-simulator/sign.ts";
import { signatureOf, startReceiver } from "./receiver.ts";
import { NOW, start } from "./stopped-clock.ts";

describe("the switch", () => {
  it.each([0, 2])("webhookDuplicates %i delivers that often again", async (webhookDuplicates) => {
    const paddle = await start({ webhookDuplicates });
    await using receiver = await startReceiver();
    paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    await paddle.settled();
    expect(receiver.received).toHaveLength(1 + webhookDuplicates);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it("webhookOrder at-once does not wait for one answer to send the next", async () => {
    const paddle = await start({ webhookOrder: "at-once" });
    const unanswered: ServerResponse[] = [];
    await using receiver = await startReceiver((response) => unanswered.push(response));
    const { id } = paddle.createKey();
    paddle.addDestination({ url: receiver.url });
    paddle.expose(id);
    await expect.poll(() => unanswered.length, { timeout: 5_000 }).toBe(2);
  });

  it("webhookOrder newest-first turns cause and effect around", async () => {
    const paddle = await start({ webhookOrder: "newest-first" });
    await using receiver = await startReceiver();
    const { id } = paddle.createKey();
    paddle.addDestination({ url: receiver.url });
    paddle.expose(id);
    await paddle.settled();
    expect(receiver.types()).toEqual(["api_key.revoked", "api_key_exposure.created"]);
  });

  it("webhookDelayMs sends late", async () => {
    const paddle = await start({ webhookDelayMs: 5_000 });
    await using receiver = await startReceiver();
    paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    paddle.clock.advance(4_999);
    await paddle.settled();
    expect(receiver.received).toHaveLength(0);
    paddle.clock.advance(1);
    await paddle.settled();
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    ["none", ["right"]],
    ["before", ["wrong", "right"]],
    ["after", ["right", "wrong"]],
  ] as const)("webhookExtraSignature %s", async (webhookExtraSignature, expected) => {
    const paddle = await start({ webhookExtraSignature });
    await using receiver = await startReceiver();
    const { secret } = paddle.addDestination({ url: receiver.url });
    paddle.createKey();
    await paddle.settled();
    const [received] = receiver.received;
    if (!received) throw new Error("no webhook arrived");
    const right = signWebhook(secret, received.body, Math.floor(NOW / 1000));
    const [ts, ...signatures] = signatureOf(received).split(";");
    expect(`${ts};${signatures.find((each) => right.endsWith(each))}`).toBe(right);
    expect(signatures.map((each) => (right.endsWith(each) ? "right" : "wrong"))).toEqual(expected);
    for (const each of signatures) expect(each).toMatch(/^h1=[\da-f]{64}$/);
  });
});
