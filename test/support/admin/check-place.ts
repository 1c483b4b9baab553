/** A set-up that `check` finds well, with every neighbour real, and ways to spoil it. */
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer } from "../../../src/cli/answer.ts";
import { runCheck } from "../../../src/cli/check/command.ts";
import { readConfig } from "../../../src/config/load.ts";
import type { Clock } from "../../../src/core/ports.ts";
import { systemClock } from "../../../src/clock.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../paddle-simulator/start.ts";

const WEBHOOK_SECRET = "pdl_ntfset_01hexample_secretKeySecretKey";
export const READS = ["transaction.read", "api_key.read", "notification.read", "notification_setting.read"];

export type CheckPlace = AsyncDisposable & {
  readonly paddle: PaddleSimulator;
  readonly env: Record<string, string | undefined>;
  readonly active: { readonly id: string; readonly secret: string };
  readonly standby: { readonly id: string; readonly secret: string };
  readonly destinationId: string;
  /** How far our clock is ahead. */
  aheadMs: number;
  /** Writes the files of a set-up that is well. */
  settle(): Promise<void>;
  /** Changes the text of rotator.yaml. */
  configure(change: (text: string) => string): Promise<void>;
  /** Changes what the env-file of `billing` holds. null: nothing there. */
  hold(secrets: { readonly active?: string | null; readonly standby?: string | null }): Promise<void>;
  /** The path of the file. */
  write(name: string, text: string, mode?: number): Promise<string>;
  remove(name: string): Promise<void>;
  chmod(name: string, mode: number): Promise<void>;
  check(): Promise<Answer>;
};

const YAML = `keys:
  - name: billing
    store: { type: env-file, path: ./billing.env }
    consumers: [{ name: billing-app, type: none, refresh: 5m }]
alerts: { ops: { type: slack, url: "http://127.0.0.1:1/services/x" } }
`;

/** @param queueUrl of a Redis that keeps what it is given */
export async function openCheckPlace(queueUrl: string): Promise<CheckPlace> {
  const folder = await mkdtemp(join(tmpdir(), "rotator-check-"));
  const paddle = await startPaddleSimulator();
  const active = paddle.createKey({ name: "billing", permissions: READS });
  const standby = paddle.createKey({ name: "billing standby", permissions: READS });
  const destination = paddle.addDestination({
    url: "https://rotator.example.com/webhooks/paddle",
    secret: WEBHOOK_SECRET,
  });
  let yaml = YAML;
  let held: { active: string | null; standby: string | null } = {
    active: active.secret,
    standby: standby.secret,
  };
  const write = async (name: string, text: string, mode = 0o600) => {
    const path = join(folder, name);
    await writeFile(path, text);
    // What writeFile makes is cut down by the umask.
    await chmod(path, mode);
    return path;
  };
  const place: CheckPlace = {
    paddle,
    active,
    standby,
    destinationId: destination.id,
    env: {
      CONFIG_FILE: join(folder, "rotator.yaml"),
      PADDLE_API_URL: paddle.url,
      PADDLE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
      QUEUE_URL: queueUrl,
    },
    aheadMs: 0,
    async settle() {
      await place.configure((text) => text);
      await place.hold({});
    },
    async configure(change) {
      yaml = change(yaml);
      await write("rotator.yaml", yaml);
    },
    async hold(secrets) {
      held = { ...held, ...secrets };
      const line = (name: string, secret: string | null) => (secret === null ? "" : `${name}=${secret}\n`);
      const text = line("ACTIVE_PADDLE_KEY", held.active) + line("STANDBY_PADDLE_KEY", held.standby);
      await write("billing.env", text);
    },
    write,
    remove: (name) => rm(join(folder, name)),
    chmod: (name, mode) => chmod(join(folder, name), mode),
    check: () => runCheck(callOf(place), { clock: clockOf(place) }),
    async [Symbol.asyncDispose]() {
      await paddle.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return place;
}

function callOf({ env }: CheckPlace) {
  return {
    config: () => readConfig({ env, readFile: (path) => readFileSync(path, "utf8") }),
    name: "",
    values: {},
    env,
    terminal: { input: process.stdin, output: process.stderr },
  };
}

function clockOf(place: CheckPlace): Clock {
  return {
    now: () => systemClock.now() + place.aheadMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  };
}
