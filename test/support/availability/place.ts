/** The service in as many processes as a story wants, with keys whose every moment is watched. */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { parse } from "dotenv";
import { identify } from "../../../src/core/paddle-key.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { PaddleEvent } from "../paddle-simulator/account/account.ts";
import { answersOk, openSite, type RunningService, type Site } from "../service.ts";
import { until } from "../until.ts";

const DAY_MS = 86_400_000;
const LOOK_MS = 25;
const READY_WITHIN_MS = 60_000;

export type Role = "all" | "web" | "worker";

export type Instance = RunningService & { readonly role: Role };

export type WatchedKey = { readonly id: string; readonly file: string };

export type Place = AsyncDisposable & {
  readonly site: Site;
  readonly keys: readonly WatchedKey[];
  /** Those that a load balancer sends webhooks to: of web or all, and not being stopped. */
  readonly instances: Instance[];
  /** Resolves once the process is ready. */
  readonly start: (role: Role) => Promise<Instance>;
  /** Takes it from the load balancer, stops it and gives its exit code. */
  readonly retire: (instance: Instance) => Promise<number | string>;
  /**
   * Something happens at Paddle, and is in its list of events. What expires is a key that nobody manages here: each is a job
   * of its own, and ends in an alert of its own.
   */
  readonly expire: () => PaddleEvent;
  readonly warn: (key: WatchedKey) => PaddleEvent;
  /** How often an active secret was seen that Paddle refuses. */
  readonly deadSeen: number;
  /** What a key's file says now. */
  readonly slots: (key: WatchedKey) => Readonly<Record<string, string>>;
};

export async function openPlace(
  env: Record<string, string>,
  { keys: keyCount, graceSeconds }: { readonly keys: number; readonly graceSeconds: number },
): Promise<Place> {
  await using opened = new AsyncDisposableStack();
  const names = Array.from({ length: keyCount - 1 }, (_, index) => `key-${index + 2}`);
  const site = opened.use(
    await openSite({
      env: { LOG_LEVEL: "warn", ...env },
      graceSeconds,
      // Webhooks are the story's own.
      events: ["api_key.revoked"],
      yaml: names
        .map(
          (name) =>
            `  - name: ${name}\n    store: { type: env-file, path: ./${name}.env }\n    rotation: { lifetime: 90d, grace: ${graceSeconds}s }`,
        )
        .join("\n"),
    }),
  );
  const keys: WatchedKey[] = [{ id: site.key.id, file: site.envFile }];
  for (const name of names) {
    const { id, secret } = site.paddle.createKey({ name, expiresAt: Date.now() + 8 * DAY_MS });
    const file = join(dirname(site.envFile), `${name}.env`);
    await writeFile(file, `ACTIVE_PADDLE_KEY=${secret}\n`, { mode: 0o600 });
    keys.push({ id, file });
  }

  const slots = ({ file }: WatchedKey) => parse(readFileSync(file));
  let deadSeen = 0;
  const watch = setInterval(() => {
    for (const key of keys) {
      const active = slots(key)["ACTIVE_PADDLE_KEY"] ?? "";
      if (!site.paddle.isAlive(active) || identify(new Secret(active))?.keyId !== key.id) deadSeen += 1;
    }
  }, LOOK_MS);
  opened.defer(() => clearInterval(watch));

  const told = (type: PaddleEvent["type"]): PaddleEvent => {
    const event = site.paddle.events.findLast((one) => one.type === type);
    if (!event) throw new Error(`Paddle has no event ${type}`);
    return event;
  };

  const instances: Instance[] = [];
  const owned = opened.move();
  return {
    site,
    keys,
    instances,
    expire() {
      site.paddle.expireNow(site.paddle.createKey({ name: "Elsewhere" }).id);
      return told("api_key.expired");
    },
    warn({ id }) {
      site.paddle.warnExpiring(id);
      return told("api_key.expiring");
    },
    get deadSeen() {
      return deadSeen;
    },
    slots,
    async start(role) {
      const service = await site.start({ env: { ROLE: role }, beside: true, waitUntilReady: false });
      let end: number | string | null = null;
      void service.ended.then((code) => (end = code));
      const isReady = () => {
        if (end !== null) throw new Error(`the process ended with ${end}`);
        return answersOk(`${service.adminUrl}/readyz`);
      };
      await until("the process is ready", isReady, READY_WITHIN_MS, LOOK_MS);
      const instance = { ...service, role };
      instances.push(instance);
      return instance;
    },
    async retire(instance) {
      instances.splice(instances.indexOf(instance), 1);
      instance.kill("SIGTERM");
      return instance.ended;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
