/** The admin listener as it runs: on a real port, with real queues, and neighbours that a test can put out of order. */
import { Queue } from "bullmq";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import { OverviewWatch } from "../../../src/overview/watch.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type AdminListenerDeps, buildAdminListener } from "../../../src/http/admin/listener.ts";
import type { SignInSettings } from "../../../src/http/admin/sign-in.ts";
import { uniquePrefix } from "../unique.ts";
import { call, type Call, type CallAnswer } from "./call.ts";
import { mustBeDocumented } from "./documented.ts";
import { keyWith, STEADY } from "./keys.ts";
import { type DeskWorld, openDesk } from "./neighbours.ts";

export const CREDENTIALS: SignInSettings = {
  user: { name: "ops", password: new Secret("CaNaRy-password") },
  token: new Secret("CaNaRy-token"),
};
export const NO_CREDENTIALS: SignInSettings = { user: null, token: null };
export const BASIC = { authorization: `Basic ${Buffer.from("ops:CaNaRy-password").toString("base64")}` };
export const BEARER = { authorization: "Bearer CaNaRy-token" };

export type AdminWorld = AsyncDisposable &
  Omit<DeskWorld, "desk"> & {
    readonly origin: string;
    /** `rotations`, `emergencies` and `alerts`; none without a Redis. */
    readonly queues: readonly Queue[];
    call(path: string, options?: Call): Promise<CallAnswer>;
    /** Every path that is served, by any method, as a tree of lines. */
    routes(): string;
  };

export type AdminWorldOptions = {
  readonly signIn?: SignInSettings;
  /** Where people reach it; left out: not said. */
  readonly url?: string;
  /** What the configuration says; it listens on loopback all the same. */
  readonly listensOnLoopbackOnly?: boolean;
  readonly keys?: readonly ManagedKey[];
  readonly redisUrl?: string;
  /** What the overview is told that the queue has to do. */
  readonly jobs?: readonly JobView[];
  readonly readiness?: AdminListenerDeps["readiness"];
};

export async function openAdmin(options: AdminWorldOptions = {}): Promise<AdminWorld> {
  const { signIn = NO_CREDENTIALS, keys = [keyWith(STEADY)], redisUrl, jobs = [] } = options;
  await using opened = new AsyncDisposableStack();
  const { desk, clock, ...neighbours } = openDesk(keys, jobs);
  const queues = redisUrl === undefined ? [] : openQueues(redisUrl);
  for (const queue of queues) opened.defer(() => queue.close());
  const app = buildAdminListener({
    signIn,
    url: options.url ?? null,
    listensOnLoopbackOnly: options.listensOnLoopbackOnly ?? true,
    queues,
    readiness: options.readiness ?? (() => Promise.resolve({ ready: true, checks: { queue: "ok" } })),
    keys: desk,
    overview: new OverviewWatch({
      keys,
      jobs: { unfinished: async () => jobs },
      records: neighbours.records,
      clock,
    }),
    scrape: async () => ({ contentType: "text/plain; version=0.0.4", text: "" }),
    version: "0.0.0-test",
    clock,
    log: neighbours.logged.log,
  });
  opened.defer(() => app.close());
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  const held = opened.move();
  return {
    origin,
    ...neighbours,
    clock,
    queues,
    call: async (path, request = {}) => {
      const answer = await call(origin, path, request);
      mustBeDocumented(request.method ?? "GET", path, answer);
      return answer;
    },
    routes: () => app.printRoutes({ commonPrefix: false }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function openQueues(redisUrl: string): Queue[] {
  const prefix = uniquePrefix("admin");
  const connection = { url: redisUrl, maxRetriesPerRequest: 1, commandTimeout: 2_500 };
  return ["rotations", "emergencies", "alerts"].map((name) => {
    const queue = new Queue(name, { prefix, connection });
    // A test that takes Redis down reads of it in the answers.
    queue.on("error", () => {});
    return queue;
  });
}
