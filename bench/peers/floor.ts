/** The floor: the least that a durable, verified, deduplicated webhook costs with Fastify and BullMQ. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Queue } from "bullmq";
import fastify from "fastify";

const { PORT, SECRET, REDIS_URL = "" } = process.env;
const redis = new URL(REDIS_URL);
const queue = new Queue("rotations", {
  prefix: "floor",
  connection: { host: redis.hostname, port: Number(redis.port) },
});
const app = fastify();

app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
  done(null, body),
);

app.post("/webhooks/paddle", async (request, reply) => {
  const body = request.body as Buffer;
  const [, ts = "", h1 = ""] =
    /^ts=(\d+);h1=([\da-f]{64})$/.exec(String(request.headers["paddle-signature"])) ?? [];
  const mac = createHmac("sha256", SECRET ?? "")
    .update(`${ts}:`)
    .update(body)
    .digest();
  const given = Buffer.from(h1, "hex");
  if (given.length !== mac.length || !timingSafeEqual(mac, given)) return reply.code(401).send();
  const event = JSON.parse(body.toString()) as { event_id: string; data: { id: string } };
  await queue.add("rotate", { keyId: event.data.id, eventId: event.event_id }, { jobId: event.event_id });
  return { received: true };
});

await app.listen({ port: Number(PORT), host: "127.0.0.1" });
