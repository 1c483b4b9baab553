/** The usual way: Express 5, Paddle's official Node.js SDK for the signature and the event, BullMQ. */
import { Environment, EventName, Paddle } from "@paddle/paddle-node-sdk";
import express from "express";
import { put } from "./queue.ts";

const { PORT, SECRET = "" } = process.env;
const paddle = new Paddle("pdl_sdbx_apikey_unused", { environment: Environment.sandbox });
const app = express();

app.post("/webhooks/paddle", express.raw({ type: "application/json" }), async (request, response) => {
  try {
    const signature = String(request.headers["paddle-signature"]);
    const event = await paddle.webhooks.unmarshal((request.body as Buffer).toString(), SECRET, signature);
    if (event.eventType !== EventName.ApiKeyExpiring) return void response.status(400).end();
    const { eventId, occurredAt, data } = event;
    await put({ eventId, occurredAt, keyId: data.id, keyExpiresAt: data.expiresAt });
    response.json({ received: true });
  } catch {
    response.status(401).end();
  }
});

app.listen(Number(PORT), "127.0.0.1");
