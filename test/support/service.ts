/** The real service as a user would start it: a process with files in a folder, beside a simulated Paddle. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "dotenv";
import { Secret } from "../../src/core/secret.ts";
import { freePort } from "./owned-process.ts";
import type { EventType } from "./paddle-simulator/events.ts";
import { type PaddleSimulator, startPaddleSimulator } from "./paddle-simulator/start.ts";
import type { Switches } from "./paddle-simulator/switches.ts";
import { until } from "./until.ts";

/** Another one, to start the service as another platform would: see CONTRIBUTING.md. */
const NODE = process.env["TEST_SERVICE_NODE"] ?? process.execPath;
const ROOT = resolve(import.meta.dirname, "../..");
const DAY_MS = 86_400_000;
/** As `npm start` has it: hundreds of processes start with what the first one compiled. */
const COMPILED = join(ROOT, "node_modules/.cache/compile");
/** A start takes half a second of a core, which all those that start at once share. */
const READY_EVERY_MS = 25;
const READY_WITHIN_MS = 60_000;
/** Of what the services of a site have printed, in characters: where one does not start, the reason is at the end. */
const SHOWN_OUTPUT = 6_000;

export const ADMIN_TOKEN = "canary-admin-token-0123456789-0123456789";

export type RunningService = {
  readonly pid: number;
  readonly adminUrl: string;
  readonly publicUrl: string;
  /** Resolves with the exit code or the signal, when the process has ended. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
  /** Linux's letter for the state of the process, e.g. `T` while it is stopped. */
  state(): Promise<string>;
  /** Whether a signal that was sent has not reached the process yet: sent again, it would be one. */
  isPending(signal: NodeJS.Signals): Promise<boolean>;
};

export type Site = AsyncDisposable & {
  readonly paddle: PaddleSimulator;
  readonly key: { readonly id: string; readonly secret: string };
  /** null: the site has none. */
  readonly standby: { readonly id: string; readonly secret: string } | null;
  /** The endpoint secret of the destination that delivers to the service. */
  readonly webhookSecret: string;
  readonly envFile: string;
  /** Starts a process of the service and resolves once it is ready, unless `entry` is not to be waited for. */
  start(options?: StartOptions): Promise<RunningService>;
  /** What the env file says of this variable now; null: nothing. */
  secret(variable: string): Promise<Secret | null>;
  /** Everything that the service's processes have printed. */
  output(): Promise<string>;
  /** All secrets that exist on this site: none of them may be seen anywhere. */
  secrets(): readonly string[];
};

export type StartOptions = {
  /** The file to run, from the project's root. */
  readonly entry?: string;
  readonly env?: Record<string, string>;
  readonly waitUntilReady?: boolean;
  /** Ports of its own, beside a process that still has those that Paddle delivers to. */
  readonly beside?: boolean;
};

export type SiteOptions = {
  /** The environment of every process, e.g. QUEUE_URL; left out: the embedded queue. */
  readonly env: Record<string, string>;
  readonly graceSeconds?: number;
  readonly switches?: Partial<Switches>;
  /** Puts a key of its own into `standby.env` as the standby. */
  readonly standby?: boolean;
  /** Left out: those that Paddle's dashboard proposes. */
  readonly standbyPermissions?: readonly string[];
  /** When the key expires; left out: in 8 days, a day before Paddle and the sweep find it due. */
  readonly expiresInDays?: number;
  /** Left out: Paddle rotates the key. */
  readonly rotatable?: boolean;
  /** The events that Paddle is to deliver; left out: all. */
  readonly events?: readonly EventType[];
  /** More of the key's `rotation`, e.g. `foreignRotation: counter`. */
  readonly policy?: string;
  /** More lines of rotator.yaml. */
  readonly yaml?: string;
};

export async function openSite({
  env,
  graceSeconds = 2,
  switches = {},
  standby: hasStandby = false,
  standbyPermissions,
  expiresInDays = 8,
  rotatable = true,
  events,
  policy,
  yaml = "",
}: SiteOptions): Promise<Site> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-site-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  // The embedded PostgreSQL runs as a user of its own where we are root, and must get through to its data.
  await chmod(folder, 0o755);
  const paddle = opened.use(
    await startPaddleSimulator({ switches: { requestsPerMinute: null, ...switches } }),
  );
  const key = paddle.createKey({
    name: "Billing worker",
    expiresAt: Date.now() + expiresInDays * DAY_MS,
    permissions: ["transaction.read", "notification.read"],
    rotatable,
  });
  const ports = [await freePort(), await freePort()] as const;
  const { secret: webhookSecret } = paddle.addDestination({
    url: `http://127.0.0.1:${ports[0]}/webhooks/paddle`,
    ...(events && { events }),
  });
  const envFile = join(folder, "billing.env");
  const printed = opened.use(await open(join(folder, "printed.log"), "a"));
  await writeFile(envFile, `REGION=eu\nACTIVE_PADDLE_KEY=${key.secret}\n`, { mode: 0o600 });
  const standby = hasStandby
    ? paddle.createKey({
        name: "Standby",
        expiresAt: Date.now() + 80 * DAY_MS,
        ...(standbyPermissions && { permissions: standbyPermissions }),
      })
    : null;
  if (standby)
    await writeFile(join(folder, "standby.env"), `STANDBY_PADDLE_KEY=${standby.secret}\n`, { mode: 0o600 });
  await writeFile(
    join(folder, "rotator.yaml"),
    [
      "keys:",
      "  - name: billing-worker",
      "    store: { type: env-file, path: ./billing.env }",
      `    rotation: { lifetime: 90d, grace: ${graceSeconds}s${policy ? `, ${policy}` : ""} }`,
      ...(standby ? ["    standby: { store: { type: env-file, path: ./standby.env } }"] : []),
      yaml,
    ].join("\n"),
  );

  const owned = opened.move();
  const start = async ({
    entry = "src/main.ts",
    env: more = {},
    waitUntilReady = true,
    beside = false,
  }: StartOptions = {}) => {
    const [port, adminPort] = beside ? [await freePort(), await freePort()] : ports;
    const [publicUrl, adminUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${adminPort}`];
    const child = spawn(NODE, [join(ROOT, entry)], {
      stdio: ["ignore", printed.fd, printed.fd],
      env: {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: COMPILED,
        CONFIG_FILE: join(folder, "rotator.yaml"),
        DATA_DIR: join(folder, "data"),
        HOST: "127.0.0.1",
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        ADMIN_TOKEN,
        PADDLE_API_URL: paddle.url,
        PADDLE_WEBHOOK_SECRETS: webhookSecret,
        PADDLE_REQUESTS_PER_MINUTE: "240",
        LOG_LEVEL: "trace",
        ...env,
        ...more,
      },
    });
    owned.defer(() => end(child));
    const ended = once(child, "exit").then(([code, signal]) => signal ?? code);
    if (waitUntilReady) {
      await until(
        "the service is ready",
        () => {
          if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
          return answersOk(`${publicUrl}/readyz`);
        },
        READY_WITHIN_MS,
        READY_EVERY_MS,
      ).catch(async (error: unknown) => {
        const said = await readFile(join(folder, "printed.log"), "utf8");
        throw new Error(`it does not start. The end of what was printed:\n${said.slice(-SHOWN_OUTPUT)}`, {
          cause: error,
        });
      });
    }
    return {
      pid: child.pid ?? 0,
      adminUrl,
      publicUrl,
      ended,
      kill: (signal: NodeJS.Signals) => void child.kill(signal),
      async state() {
        const status = await readFile(`/proc/${child.pid}/status`, "utf8");
        return /^State:\s+(\S)/m.exec(status)?.[1] ?? "";
      },
      async isPending(signal: NodeJS.Signals) {
        const status = await readFile(`/proc/${child.pid}/status`, "utf8");
        const pending = BigInt(`0x${/^ShdPnd:\s+(\w+)/m.exec(status)?.[1] ?? "0"}`);
        return (pending & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
      },
    };
  };

  return {
    paddle,
    key,
    standby,
    webhookSecret,
    envFile,
    start,
    async secret(variable) {
      const text = parse(await readFile(envFile))[variable] ?? "";
      return text === "" ? null : new Secret(text);
    },
    output: () => readFile(join(folder, "printed.log"), "utf8"),
    secrets: () => [
      webhookSecret,
      ADMIN_TOKEN,
      ...[key, standby].flatMap((made) =>
        made ? [made.secret, ...paddle.key(made.id).rotations.map(({ secret }) => secret)] : [],
      ),
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

export async function answersOk(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.ok ?? false;
}
