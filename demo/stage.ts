/** Everything that the demo shows, started and stopped together. Its files live in a folder that goes with it. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../test/support/owned-process.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../test/support/paddle-simulator/start.ts";
import type { Screen } from "./screen.ts";
import { start } from "./service.ts";
import { ServiceOutput } from "./service-output.ts";
import { type Key, Site, writeEnvFile } from "./site.ts";

/** Real rotations keep the old secret for hours; a demo has no such patience. */
export const GRACE_SECONDS = 6;
const DAY_MS = 86_400_000;
/** One key may read what belongs to the whole account: the events that were missed, above all. */
const READER = ["transaction.read", "api_key.read", "notification.read", "notification_setting.read"];
/** The whole demo, the embedded database's first start included, has a minute. */
const DEADLINE_MS = 57_000;

export type Stage = AsyncDisposable & {
  readonly paddle: PaddleSimulator;
  readonly billing: Site;
  readonly checkout: Site;
  /** Has a standby in a store of its own. */
  readonly reports: Site;
  readonly standby: Key & { readonly envFile: string };
  readonly service: ServiceOutput;
  readonly admin: string;
  /** A person makes a key in Paddle's dashboard. */
  newKey(name: string): Key;
  /** How many lines of the service held a secret. */
  leaks(): number;
  /** Throws if it does not come true in time, or something has ended that should run. */
  until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void>;
};

export async function openStage(screen: Screen): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "paddle-key-rotator-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  // The embedded PostgreSQL runs as a user of its own where we are root, and must get through to its data.
  await chmod(folder, 0o755);
  // The applications make thousands of requests a minute, so Paddle's limit of 240 is off here.
  const paddle = opened.use(await startPaddleSimulator({ switches: { requestsPerMinute: null } }));
  const newKey = (name: string, { lifeMs = 90 * DAY_MS, permissions = ["transaction.read"] } = {}) =>
    paddle.createKey({ name, permissions, expiresAt: Date.now() + lifeMs });
  const sites = {
    billing: new Site("billing-worker", newKey("Billing worker", { lifeMs: 6 * DAY_MS }), folder),
    checkout: new Site("checkout", newKey("Checkout", { permissions: READER }), folder),
    reports: new Site("reports", newKey("Reports"), folder),
  };
  const standby = { ...newKey("Standby for reports"), envFile: join(folder, "reports-standby.env") };
  await Promise.all(Object.values(sites).map((site) => site.writeEnvFile()));
  await writeEnvFile(standby.envFile, `STANDBY_PADDLE_KEY=${standby.secret}\n`);
  await writeFile(join(folder, "rotator.yaml"), CONFIGURATION);

  const [port, adminPort] = [await freePort(), await freePort()];
  const destination = paddle.addDestination({ url: `http://127.0.0.1:${port}/webhooks/paddle` });
  const issued = [...Object.values(sites).map(({ key }) => key), standby];
  let broken: string | null = null;
  let closing = false;
  const watch = (what: string, ended: Promise<number | null>) =>
    void ended.then((code) => {
      if (!closing) broken = `${what} has ended by itself, with code ${code}`;
    });
  const until: Stage["until"] = async (what, isTrue) => {
    while (!(await isTrue())) {
      if (broken !== null) throw new Error(broken);
      if (performance.now() > DEADLINE_MS) throw new Error(`waited in vain: ${what}`);
      await pause(20);
    }
  };

  screen.say("demo", "starts the service on its embedded queue");
  const output = new ServiceOutput(screen);
  const service = opened.use(
    start(
      "src/main.ts",
      [],
      {
        CONFIG_FILE: join(folder, "rotator.yaml"),
        DATA_DIR: join(folder, "data"),
        HOST: "127.0.0.1",
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        PADDLE_API_URL: paddle.url,
        PADDLE_WEBHOOK_SECRETS: destination.secret,
      },
      (line) => output.take(line),
    ),
  );
  watch("the service", service.ended);
  await until("the service is ready", () => answersOk(`http://127.0.0.1:${port}/readyz`));
  for (const site of Object.values(sites)) {
    const app = opened.use(site.startApp(paddle.url));
    watch(`the application of ${site.name}`, app.ended);
  }
  opened.defer(() => void (closing = true));

  const owned = opened.move();
  return {
    paddle,
    ...sites,
    standby,
    service: output,
    admin: `http://127.0.0.1:${adminPort}`,
    newKey(name) {
      const key = newKey(name);
      issued.push(key);
      return key;
    },
    leaks() {
      const rotated = issued.flatMap(({ id }) => paddle.key(id).rotations.map(({ secret }) => secret));
      return output.countWithAny([...issued.map(({ secret }) => secret), ...rotated, destination.secret]);
    },
    until,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What an .env file of the stage holds. */
export function textOf(path: string): Promise<string> {
  return readFile(path, "utf8");
}

// Left to itself, the sweep at the start would rotate a key that expires within 7 days: here its webhook is shown.
const CONFIGURATION = `
keys:
  - name: billing-worker
    store: { type: env-file, path: ./billing-worker.env }
    rotation: { lifetime: 90d, grace: ${GRACE_SECONDS}s, renewBefore: 1d }
  - name: checkout
    store: { type: env-file, path: ./checkout.env }
  - name: reports
    store: { type: env-file, path: ./reports.env }
    standby: { store: { type: env-file, path: ./reports-standby.env } }
`;

async function answersOk(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.ok ?? false;
}
