/** A webhook as its receiver sees it. */
import { Paddle } from "@paddle/paddle-node-sdk";
import { describe, expect, it } from "vitest";
import { movableClock } from "../../support/paddle-simulator/clock.ts";
import type { EventType } from "../../support/paddle-simulator/events.ts";
import { signWebhook } from "../../support/paddle-simulator/sign.ts";
import { startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { signatureOf, startReceiver } from "./receiver.ts";
import { NOW, start } from "./stopped-clock.ts";

describe("a webhook", () => {
  it("is signed with the destination's secret, as JSON, by Paddle", async () => {
    const paddle = await start();
    await using receiver = await startReceiver();
    const { secret } = paddle.addDestination({ url: receiver.url });
    expect(secret).toMatch(/^pdl_ntfset_[a-z\d]{26}_[A-Za-z0-9+/]{32}$/);
    expect(secret).toHaveLength(70);
    // The receiver lives in the time of the clock underneath.
    paddle.clock.advance(60_000);
    paddle.createKey();
    await paddle.settled();
    const [received] = receiver.received;
    expect(received?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": expect.stringContaining("Paddle"),
      "paddle-signature": signWebhook(secret, received?.body ?? "", Math.floor(NOW / 1000)),
    });
  });

  it("is taken by the official SDK, also after the account's time was moved", async () => {
    await using paddle = await startPaddleSimulator();
    await using receiver = await startReceiver();
    const secret = "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY";
    paddle.addDestination({ url: receiver.url, secret });
    paddle.clock.advance(80 * 86_400_000);
    paddle.createKey({ name: "Billing worker" });
    await paddle.settled();
    const [received] = receiver.received;
    if (!received) throw new Error("no webhook arrived");
    const sdk = new Paddle("no key").webhooks;
    const event = await sdk.unmarshal(received.body, secret, signatureOf(received));
    expect(event).toMatchObject({ eventType: "api_key.created", data: { name: "Billing worker" } });
  });

  it("goes only where its type is subscribed to, and not to destinations added later", async () => {
    const paddle = await start();
    await using receiver = await startReceiver();
    await using late = await startReceiver();
    const events: EventType[] = ["api_key.expiring"];
    paddle.addDestination({ url: receiver.url, events });
    const { id } = paddle.createKey();
    paddle.warnExpiring(id);
    paddle.clock.advance(100 * 86_400_000);
    paddle.addDestination({ url: late.url });
    await paddle.settled();
    expect(receiver.types()).toEqual(["api_key.expiring"]);
    expect(late.types()).toEqual([]);
  });

  it("is never sent to a destination for what happened while that was switched off", async () => {
    const paddle = await start();
    await using receiver = await startReceiver();
    const { id } = paddle.addDestination({ url: receiver.url });
    paddle.createKey({ name: "before" });
    paddle.switchDestination(id, false);
    const missed = paddle.createKey({ name: "missed" });
    await paddle.settled();
    paddle.switchDestination(id, true);
    paddle.editKey(missed.id, { name: "after" });
    await paddle.settled();
    expect(receiver.received.map(({ event }) => event["data"])).toMatchObject([
      { name: "before" },
      { name: "after" },
    ]);
  });

  it("tells of everything that people and thieves do to a key", async () => {
    const paddle = await start();
    await using receiver = await startReceiver();
    paddle.addDestination({ url: receiver.url });
    const { id, secret } = paddle.createKey();
    paddle.revoke(id, { by: "user" });
    paddle.reactivate(id);
    const stolen = paddle.rotateAsThief(secret, { activate: true });
    expect(paddle.isAlive(stolen.secret)).toBe(true);
    paddle.expose(id, { revoke: false });
    paddle.expireNow(id);
    await paddle.settled();
    expect(receiver.types().toSorted()).toEqual([
      "api_key.created",
      "api_key.expired",
      "api_key.revoked",
      "api_key.updated",
      "api_key_exposure.created",
      "api_key_rotation.created",
      "api_key_rotation.updated",
    ]);
  });

  it("is sent by itself when time passes, without anybody asking for it", async () => {
    await using paddle = await startPaddleSimulator({ clock: movableClock({ timeScale: 1_000_000 }) });
    await using receiver = await startReceiver();
    paddle.addDestination({ url: receiver.url, events: ["api_key.expired"] });
    paddle.createKey({ expiresAt: paddle.clock.now() + 60_000 });
    await expect.poll(() => receiver.types(), { timeout: 5_000 }).toEqual(["api_key.expired"]);
  });
});
