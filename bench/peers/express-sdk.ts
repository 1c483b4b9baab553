/** The usual way: Express 5, Paddle's official Node.js SDK for the signature, BullMQ. */
import { Environment, Paddle } from "@paddle/paddle-node-sdk";
import { Queue } from "bullmq";
import express from "express";

const { PORT, SECRET = "", REDIS_URL = "" } = process.env;
const redis = new URL(REDIS_URL);
const queue = new Queue("rotations", {
  prefix: "express",
  connection: { host: redis.hostname, port: Number(redis.port) },
});
const paddle = new Paddle("pdl_sdbx_apikey_unused", { environment: Environment.sandbox });
const app = express();

app.post("/webhooks/paddle", express.raw({ type: "application/json" }), async (request, response) => {
  try {
    const signature = String(request.headers["paddle-signature"]);
    const event = await paddle.webhooks.unmarshal((request.body as Buffer).toString(), SECRET, signature);
    await queue.add("rotate", { keyId: "unused", eventId: event.eventId }, { jobId: event.eventId });
    response.json({ received: true });
  } catch {
    response.status(401).end();
  }
});

app.listen(Number(PORT), "127.0.0.1");
