/** The floor of a start: what a service on Fastify, BullMQ, ioredis, pino and zod loads and holds, if it does no more. */
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { pino } from "pino";
import { z } from "zod";

const log = pino();
const { QUEUE_URL, NAME } = z.object({ QUEUE_URL: z.url(), NAME: z.string() }).parse(process.env);
const connection = new Redis(QUEUE_URL, { maxRetriesPerRequest: null });
const worker = new Worker("rotations", async () => {}, { connection, prefix: NAME });
worker.on("error", (error) => log.error(error));

await worker.waitUntilReady();
await import("./floor.ts");
log.info("ready");
