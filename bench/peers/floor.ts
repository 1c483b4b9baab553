/** The floor: the least that a durable, verified, deduplicated webhook costs with Fastify and BullMQ. */
import { createHmac, timingSafeEqual } from "node:crypto";
import fastify from "fastify";
import { put } from "./queue.ts";

const { PORT, SECRET } = process.env;
const app = fastify();

app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
  done(null, body),
);

type Body = {
  readonly event_id: string;
  readonly occurred_at: string;
  readonly data: { readonly id: string; readonly expires_at: string | null };
};

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
  const { event_id: eventId, occurred_at: occurredAt, data } = JSON.parse(body.toString()) as Body;
  await put({ eventId, occurredAt, keyId: data.id, keyExpiresAt: data.expires_at });
  return { received: true };
});

await app.listen({ port: Number(PORT), host: "127.0.0.1" });
