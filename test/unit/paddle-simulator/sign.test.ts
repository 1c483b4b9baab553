/** The signature that Paddle's official SDKs publish vectors for. */
import { Paddle } from "@paddle/paddle-node-sdk";
import { describe, expect, it } from "vitest";
import { eventBody, keyData } from "../../support/paddle-simulator/events.ts";
import { signWebhook } from "../../support/paddle-simulator/sign.ts";

describe("signWebhook", () => {
  it("signs the official Node SDK's test vector as the SDK expects", () => {
    expect(signWebhook("VALID_SECRET", '{"data": ["1", "2"]}', 1698796800)).toBe(
      "ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9",
    );
  });

  it("signs bytes and the text they stand for alike", () => {
    const text = '{"name":"Zoë – 💸"}';
    expect(signWebhook("s", new TextEncoder().encode(text), 1)).toBe(signWebhook("s", text, 1));
  });

  it.each([
    ["the secret", () => signWebhook("other", "body", 1)],
    ["the body", () => signWebhook("secret", "Body", 1)],
    ["the time", () => signWebhook("secret", "body", 2)],
  ])("signs differently when %s differs", (_, sign) => {
    expect(sign().split("h1=")[1]).not.toBe(signWebhook("secret", "body", 1).split("h1=")[1]);
  });

  it("is taken by the verifier of the official Node SDK", async () => {
    const body = eventBody("api_key.expiring", keyData());
    const header = signWebhook("pdl_ntfset_x", body, Math.floor(Date.now() / 1000));
    const event = await new Paddle("no key").webhooks.unmarshal(body, "pdl_ntfset_x", header);
    expect(event.eventType).toBe("api_key.expiring");
  });
});
