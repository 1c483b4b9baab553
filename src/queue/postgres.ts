/** Queues on PostgreSQL. Producers fail fast and recover by themselves; workers wait for as long as it takes. */
import { createPostgresBackend, Queue, Worker } from "bullmq";
import { Client, type ClientConfig, Pool } from "pg";
import type { Secret } from "../core/secret.ts";
import { shareQuestion } from "../core/share-question.ts";
import type { AddedJob, Health, NewJob, QueueBackend } from "./backend.ts";
import { batchedAdds } from "./batched-adds.ts";
import { settlesWithin, withDeadline } from "./deadline.ts";
import type { ErrorLog } from "./error-log.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { QUEUE_NAMES, type QueueName } from "./names.ts";
import { migratePostgres } from "./postgres-migration.ts";
import { openWorkerBackend } from "./postgres-worker.ts";
import { postgresFault, READ_ONLY } from "./server-faults.ts";

const CLOSE_MS = 1_000;
const HEALTH_MS = 2_000;
/** Of workers too, which wait by LISTEN and not in a query: one that a network has forgotten would keep its job for ever. */
const QUERY_MS = 2_500;
/** BullMQ opens a pool for each queue and each worker. */
const POOL_SIZE = 4;

/**
 * What a worker writes waits for no disk (or standby): an exposed secret dies sooner, most of all where the disk is
 * busy. A crash of the server may take the last half second of it. The queue is then as it was a moment before, and
 * a job that was taken, waited or ended in that moment runs once more, as after a crash of the worker: it finds in
 * the slots and at Paddle what was done. Notes of that moment are lost, and an alert may be sent twice.
 *
 * Producers wait: webhooks, work and alerts are answered for only once they are on the disk, and with them is
 * everything that was committed before. So do the records, by which jobs decide.
 */
const IN_A_HURRY = { options: "-c synchronous_commit=off" };

export type PostgresOptions = {
  readonly url: Secret;
  readonly schema: string;
  /** It is our own, which nobody else may be asked to mend. */
  readonly isEmbedded: boolean;
};

/** Opens the queues and brings their tables up to date. Throws if the server cannot be reached. */
export async function openPostgresBackend(
  options: PostgresOptions,
  deps: { errors: ErrorLog },
): Promise<QueueBackend> {
  const report = (error: unknown) => deps.errors("postgres", error);
  const server = { connectionString: options.url.reveal(), connectionTimeoutMillis: 2_000 };
  await migratePostgres(server, options.schema);
  const connection = {
    ...server,
    // A pooled client listens for errors only while it is idle. One that is in use when its server dies would end
    // the process with an uncaught error, although its query fails all the same and is dealt with there.
    Client: class extends Client {
      constructor(config: ClientConfig) {
        super(config);
        this.on("error", report);
      }
    },
    schema: options.schema,
    max: POOL_SIZE,
    keepAlive: true,
  };
  const producer = { ...connection, query_timeout: QUERY_MS, statement_timeout: QUERY_MS };
  const openQueue = (name: QueueName) => {
    const queue = new Queue(
      name,
      { connection: producer, defaultJobOptions: JOB_OPTIONS },
      createPostgresBackend,
    );
    queue.on("error", (error) => deps.errors(name, error));
    // BullMQ's plain `Queue` type means one on Redis; the class is the same, and so is what we use of it.
    return queue as unknown as Queue;
  };
  const queues = {
    rotations: openQueue("rotations"),
    emergencies: openQueue("emergencies"),
    alerts: openQueue("alerts"),
    upkeep: openQueue("upkeep"),
  };
  const looks = openLooks(server, report);
  // BullMQ remembers a first contact that failed for good.
  await Promise.all(QUEUE_NAMES.map((name) => queues[name].waitUntilReady()));

  const addTo = {
    rotations: addsTo(queues.rotations),
    emergencies: addsTo(queues.emergencies),
    alerts: addsTo(queues.alerts),
    upkeep: addsTo(queues.upkeep),
  };

  return {
    queues,
    addTo: (name, job) => addTo[name](job),
    async startWorker(name, processor, settings) {
      const run: typeof processor = (job, token, signal) => processor(job, token, signal);
      const worker = new Worker(
        name,
        run,
        {
          connection: { ...connection, ...IN_A_HURRY, query_timeout: QUERY_MS },
          ...settings,
          autorun: false,
        },
        openWorkerBackend,
      );
      worker.on("error", (error) => deps.errors(`${name} worker`, error));
      // BullMQ remembers a first contact that failed for good, and a worker that runs on such a connection asks it
      // again and again without a pause. So none runs before its first contact; a start without one has failed.
      await worker.waitUntilReady();
      void worker.run().catch((error: unknown) => deps.errors(`${name} worker`, error));
      return worker as unknown as Worker;
    },
    health: () => health(looks, options),
    async [Symbol.asyncDispose]() {
      const closed = QUEUE_NAMES.map((name) => queues[name].close());
      await settlesWithin(Promise.all([...closed, looks.end()]), CLOSE_MS);
    },
  };
}

function addsTo(queue: Queue): (job: NewJob) => Promise<AddedJob> {
  const add = batchedAdds(queue);
  // For one id, which an index finds: for a number PostgreSQL would look at every job.
  const anyFailed = shareQuestion(async () => (await queue.getRanges(["failed"], 0, 0)).length > 0);
  return async (job) => {
    const [{ timestamp }, besideFailed] = await Promise.all([add(job), anyFailed()]);
    return { timestamp, besideFailed };
  };
}

/** A connection of its own, which no work can keep. */
function openLooks(server: ClientConfig, report: (error: unknown) => void): Pool {
  const limits = { query_timeout: HEALTH_MS, statement_timeout: HEALTH_MS };
  const looks = new Pool({ ...server, ...limits, max: 1, keepAlive: true });
  looks.on("connect", (client) => client.on("error", report));
  // It says once more what its client said.
  looks.on("error", () => {});
  return looks;
}

async function health(looks: Pool, { isEmbedded }: PostgresOptions): Promise<Health> {
  const asked = looks.query<{ closed: boolean }>(
    "SELECT current_setting('transaction_read_only') = 'on' AS closed",
  );
  const fault = await withDeadline(asked, HEALTH_MS).then(
    ({ rows }) => (rows[0]?.closed ? READ_ONLY : null),
    postgresFault,
  );
  if (fault === null) return { ok: true, detail: "ok" };
  const fix = isEmbedded ? "look at the log and the disk, and restart the service" : fault.fix;
  return { ok: false, detail: `${fault.says}: ${fix}` };
}
