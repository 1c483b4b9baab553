/** Everything that the demo shows, started and stopped together. Its files live in a folder that goes with it. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "dotenv";
import { Secret } from "../src/core/secret.ts";
import { freePort } from "../test/support/owned-process.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../test/support/paddle-simulator/start.ts";
import type { Screen } from "./screen.ts";
import { start } from "./service.ts";

/** Real rotations keep the old secret for hours; a demo has no such patience. */
export const GRACE_SECONDS = 6;
const DAY_MS = 86_400_000;

export type Stage = AsyncDisposable & {
  readonly paddle: PaddleSimulator;
  readonly key: { readonly id: string; readonly secret: string };
  /** What the sample application last said of itself. */
  readonly app: { requests: number; failed: number; fingerprint: string };
  readonly dashboard: string;
  /** Set when the service or the application has ended although it should run. */
  readonly broken: string | null;
  /** What the .env file says now; empty if it does not. */
  secret(variable: string): Promise<string>;
  fingerprint(variable: string): Promise<string | null>;
  /** How many lines of the service held a secret. */
  leaks(): number;
  untilInterrupted(): Promise<void>;
};

export async function openStage(screen: Screen): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "paddle-key-rotator-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  // The embedded PostgreSQL runs as a user of its own where we are root, and must get through to its data.
  await chmod(folder, 0o755);
  // The application alone makes 1,200 requests a minute, so Paddle's limit of 240 is off here.
  const paddle = opened.use(await startPaddleSimulator({ switches: { requestsPerMinute: null } }));
  const key = paddle.createKey({ name: "Billing worker", expiresAt: Date.now() + 6 * DAY_MS });
  const envFile = join(folder, "billing.env");
  await writeFile(
    envFile,
    `# The billing worker's environment\nREGION=eu\nACTIVE_PADDLE_KEY=${key.secret}\n`,
    { mode: 0o600 },
  );
  await writeFile(join(folder, "rotator.yaml"), configuration());

  const [port, adminPort] = [await freePort(), await freePort()];
  const destination = paddle.addDestination({ url: `http://127.0.0.1:${port}/webhooks/paddle` });
  const app = { requests: 0, failed: 0, fingerprint: "" };
  let broken: string | null = null;
  const lines: string[] = [];
  const closing = new AbortController();
  const watch = (what: string, ended: Promise<number | null>) =>
    void ended.then((code) => {
      if (!closing.signal.aborted) broken = `${what} has ended by itself, with code ${code}`;
    });

  screen.say("demo", "starts the service on its embedded queue");
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
      (line) => {
        lines.push(JSON.stringify(line));
        if (typeof line["sentence"] === "string") screen.say("rotator", line["sentence"]);
      },
    ),
  );
  watch("the service", service.ended);
  await untilReady(`http://127.0.0.1:${port}/readyz`, () => broken);
  const application = opened.use(
    start("demo/app.ts", [envFile, paddle.url], {}, (line) => Object.assign(app, line)),
  );
  watch("the application", application.ended);
  opened.defer(() => closing.abort());

  const secret = async (variable: string) => parse(await readFile(envFile))[variable] ?? "";
  const owned = opened.move();
  return {
    paddle,
    key,
    app,
    dashboard: `http://127.0.0.1:${adminPort}/queues`,
    get broken() {
      return broken;
    },
    secret,
    async fingerprint(variable) {
      const text = await secret(variable);
      return text === "" ? null : new Secret(text).fingerprint();
    },
    leaks() {
      const issued = paddle.key(key.id).rotations.map((rotation) => rotation.secret);
      const secrets = [key.secret, destination.secret, ...issued];
      return lines.filter((line) => secrets.some((text) => line.includes(text))).length;
    },
    untilInterrupted: () => new Promise((interrupted) => process.once("SIGINT", () => interrupted())),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function configuration(): string {
  return [
    "keys:",
    "  - name: billing-worker",
    "    store: { type: env-file, path: ./billing.env }",
    `    rotation: { lifetime: 90d, grace: ${GRACE_SECONDS}s }`,
    "",
  ].join("\n");
}

async function untilReady(url: string, broken: () => string | null): Promise<void> {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    const fault = broken();
    if (fault) throw new Error(fault);
    await new Promise((later) => setTimeout(later, 50));
  }
}
