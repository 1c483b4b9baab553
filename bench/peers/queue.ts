/** The peers' queue: plain BullMQ, with the rotator's own job, options and retention, put one by one. */
import { createPostgresBackend, Queue } from "bullmq";
import type { JobData } from "../../src/queue/job-data.ts";
import { JOB_OPTIONS } from "../../src/queue/job-options.ts";

const { QUEUE_URL = "", NAME = "" } = process.env;
const SETTINGS = { defaultJobOptions: JOB_OPTIONS, skipVersionCheck: true };

export type Expiring = {
  readonly eventId: string;
  readonly occurredAt: string;
  readonly keyId: string;
  readonly keyExpiresAt: string | null;
};

const queue = QUEUE_URL.startsWith("redis")
  ? new Queue("rotations", { ...SETTINGS, prefix: NAME, connection: redisAt(new URL(QUEUE_URL)) })
  : new Queue(
      "rotations",
      { ...SETTINGS, connection: { connectionString: QUEUE_URL, schema: schemaOf(NAME), migrate: true } },
      createPostgresBackend,
    );
await queue.waitUntilReady();

/** Resolves once the queue has the job. */
export async function put({ eventId, occurredAt, keyId, keyExpiresAt }: Expiring): Promise<void> {
  const data: JobData = {
    v: 1,
    keyName: "billing-worker",
    keyId,
    intent: "expiring",
    eventId,
    requestedAt: occurredAt,
    facts: {},
    keyExpiresAt,
  };
  await queue.add("rotate", data, { jobId: eventId });
}

function redisAt({ hostname, port }: URL): { host: string; port: number } {
  return { host: hostname, port: Number(port) };
}

function schemaOf(name: string): string {
  return name.replaceAll("-", "_");
}
