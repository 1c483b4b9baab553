/** What no rotator can go below: one hand-over by the bare queue, and one small file written, flushed and renamed. */
import { join } from "node:path";
import { createPostgresBackend, type Job, Queue, Worker } from "bullmq";
import { writeDurably } from "../durable.ts";
import { startPostgres, temporaryFolder } from "../servers.ts";

const WARM_UPS = 20;
const NAME = "floor";

/** Milliseconds of one hand-over and one write. */
export type Floor = AsyncDisposable & { sample(): Promise<number> };

export async function openFloorOnRedis(url: string): Promise<Floor> {
  await using opened = new AsyncDisposableStack();
  const handed = new Handed();
  const queue = new Queue(NAME, { connection: { url }, skipVersionCheck: true });
  opened.defer(() => queue.close());
  const worker = new Worker(NAME, handed.take, {
    connection: { url, maxRetriesPerRequest: null },
    skipVersionCheck: true,
  });
  opened.defer(() => worker.close());
  await worker.waitUntilReady();
  return await openFloor(opened, async () => handed.of((await queue.add(NAME, {})).id));
}

/** On a server of its own, like the one that the service starts. */
export async function openFloorOnPostgres(): Promise<Floor> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startPostgres());
  const connection = { connectionString: server.url, schema: NAME, migrate: true };
  const handed = new Handed();
  const queue = new Queue(NAME, { connection }, createPostgresBackend);
  // A connection that outlives `close` hears of the end of its server.
  queue.on("error", () => {});
  opened.defer(() => queue.close());
  await queue.waitUntilReady();
  const worker = new Worker(NAME, handed.take, { connection }, createPostgresBackend);
  worker.on("error", () => {});
  opened.defer(() => worker.close());
  await worker.waitUntilReady();
  return await openFloor(opened, async () => handed.of((await queue.add(NAME, {})).id));
}

async function openFloor(opened: AsyncDisposableStack, handOver: () => Promise<number>): Promise<Floor> {
  const folder = await temporaryFolder(opened);
  const sample = async () => {
    const startedAt = performance.now();
    const handedAt = await handOver();
    const writtenFrom = performance.now();
    await writeDurably(join(folder, "small.env"), `ACTIVE_PADDLE_KEY=${"x".repeat(69)}\n`);
    return handedAt - startedAt + (performance.now() - writtenFrom);
  };
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) await sample();
  const owned = opened.move();
  return { sample, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** When each job reached its worker. */
class Handed {
  readonly #jobs = new Map<string, PromiseWithResolvers<number>>();

  readonly take = (job: Pick<Job, "id">): Promise<void> => {
    this.#entry(job.id).resolve(performance.now());
    return Promise.resolve();
  };

  of(id: string | undefined): Promise<number> {
    return this.#entry(id).promise;
  }

  #entry(id = ""): PromiseWithResolvers<number> {
    return this.#jobs.getOrInsertComputed(id, () => Promise.withResolvers<number>());
  }
}
