/** What no rotator can go below: one hand-over by the bare queue, and one small file written, flushed and renamed. */
import { chmod, mkdtemp, open, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostgresBackend, type Job, Queue, Worker } from "bullmq";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../src/queue/embedded-postgres.ts";

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
  const folder = await temporaryFolder(opened);
  const log = pino({ level: "warn" });
  const server = opened.use(await startEmbeddedPostgres({ dataDir: join(folder, "data"), log }));
  const connection = { connectionString: server.url.reveal(), schema: NAME, migrate: true };
  const handed = new Handed();
  const queue = new Queue(NAME, { connection }, createPostgresBackend);
  opened.defer(() => queue.close());
  await queue.waitUntilReady();
  const worker = new Worker(NAME, handed.take, { connection }, createPostgresBackend);
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
    await writeDurably(join(folder, "small.env"));
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

async function writeDurably(path: string): Promise<void> {
  {
    await using file = await open(`${path}.tmp`, "w", 0o600);
    await file.writeFile(`ACTIVE_PADDLE_KEY=${"x".repeat(69)}\n`);
    await file.sync();
  }
  await rename(`${path}.tmp`, path);
}

async function temporaryFolder(opened: AsyncDisposableStack): Promise<string> {
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-bench-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  await chmod(folder, 0o755);
  return folder;
}
