/** The service with some managed keys as a process of its own, and Paddle in this one, so that its time is known. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { eventBody, keyData } from "../../test/support/paddle-simulator/events.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../../test/support/paddle-simulator/start.ts";
import { until } from "../../test/support/until.ts";
import { startConfigured, temporaryFolder } from "../servers.ts";
import { exposeOnce, type ExposedKey, post, type Taken, watchArrivals } from "./expose-once.ts";

/** Few, so that the sweep at each start leaves calls for exposures. */
const KEYS = 10;
/** As many as rotations run at once: each keeps one worker busy. */
const BUSY_KEYS = 10;
/** The most that the configuration allows. A process that has used it up is replaced: waiting is not measured here. */
const SHARE = 240;
/** For calls that were let go and are not here yet, and for the exposure that comes next. */
const MARGIN = 40;
/** Of each process. */
const WARM_UPS = 3;
/** Longer than any call may take. */
const HANGS_MS = 60_000;
const QUIET_MS = 500;

export type Rig = AsyncDisposable & {
  /** Fills the queue with graceful jobs, of which as many run as can; Paddle answers none of their calls. */
  keepBusy(jobs: number): Promise<void>;
  expose(count: number, afterEach: () => Promise<void>): Promise<readonly Taken[]>;
};

/** @param env chooses the queue, which nobody else may use */
export async function openRig(env: Record<string, string>): Promise<Rig> {
  await using opened = new AsyncDisposableStack();
  const folder = await temporaryFolder(opened);
  const paddle = opened.use(await startPaddleSimulator({ switches: { requestsPerMinute: null } }));
  const names = Array.from({ length: KEYS + BUSY_KEYS }, (_, index) => `key-${index}`);
  const keys = await Promise.all(names.map((name) => newKey(paddle, folder, name)));
  await writeFile(join(folder, "rotator.yaml"), `keys:\n${names.map(entry).join("")}`);
  const arrivals = watchArrivals(paddle);

  const share = { PADDLE_API_URL: paddle.url, PADDLE_REQUESTS_PER_MINUTE: String(SHARE) };
  let service = await startService(paddle, folder, { ...share, ...env });
  opened.defer(() => service.stop());
  let count = 0;
  const exposeNext = async () => {
    const key = keys[count % KEYS];
    if (!key) throw new Error("there are no keys");
    count += 1;
    return exposeOnce(key, service.url, paddle, arrivals);
  };

  const owned = opened.move();
  return {
    async keepBusy(jobs) {
      const busy = keys.slice(KEYS).map(({ id }) => id);
      const hung = paddle.faults.add({
        when: ({ path }) => busy.some((id) => path.includes(id)),
        times: Infinity,
        do: { kind: "delay", ms: HANGS_MS },
      });
      for (let job = 0; job < jobs + BUSY_KEYS; job += 1) {
        const id = busy[job % BUSY_KEYS] ?? "";
        await post(service.url, eventBody("api_key.expiring", keyData({ id })));
      }
      await until("the workers are busy", () => hung.hits >= BUSY_KEYS / 2);
    },
    async expose(wanted, afterEach) {
      const taken: Taken[] = [];
      let warmUps = WARM_UPS;
      while (taken.length < wanted) {
        if (paddle.requests.length - service.callsBefore > SHARE - MARGIN) {
          await service.stop();
          service = await startService(paddle, folder, { ...share, ...env });
          warmUps = WARM_UPS;
        }
        const one = await exposeNext();
        if (warmUps > 0) warmUps -= 1;
        else taken.push(one);
        await afterEach();
      }
      return taken;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Service = {
  readonly url: string;
  /** How many calls Paddle had seen when it was started. */
  readonly callsBefore: number;
  stop(): Promise<void>;
};

async function startService(
  paddle: PaddleSimulator,
  folder: string,
  env: Record<string, string>,
): Promise<Service> {
  await using opened = new AsyncDisposableStack();
  const callsBefore = paddle.requests.length;
  const { url } = await startConfigured(opened, folder, env);
  // The sweep at the start asks about every key.
  for (let seen = -1; seen !== paddle.requests.length;) {
    seen = paddle.requests.length;
    await pause(QUIET_MS);
  }
  const owned = opened.move();
  return { url, callsBefore, stop: () => owned.disposeAsync() };
}

async function newKey(paddle: PaddleSimulator, folder: string, name: string): Promise<ExposedKey> {
  const key = paddle.createKey({ name });
  const file = join(folder, `${name}.env`);
  await writeFile(file, `ACTIVE_PADDLE_KEY=${key.secret}\n`, { mode: 0o600 });
  return { id: key.id, file };
}

function entry(name: string): string {
  return `  - name: ${name}\n    store: { type: env-file, path: ./${name}.env }\n    rotation: { revokeFirstsPerHour: 60 }\n`;
}
