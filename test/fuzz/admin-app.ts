/** The admin listener in memory, without a port: every key a canary, every neighbour in order. */
import type { FastifyInstance } from "fastify";
import { buildAdminListener } from "../../src/http/admin/listener.ts";
import { OverviewWatch } from "../../src/overview/watch.ts";
import { ACTIVE, keyWith, OLD, PENDING, STANDBY, STEADY } from "../support/admin/keys.ts";
import { DeskStore, type DeskWorld, openDesk } from "../support/admin/neighbours.ts";
import { BASIC, CREDENTIALS } from "../support/admin/world.ts";

export type AdminApp = AsyncDisposable & {
  readonly app: FastifyInstance;
  readonly world: DeskWorld;
  /** What a form of the operator's must bring along. */
  readonly formToken: string;
};

export const KEY_NAMES = ["billing", "in-grace", "staged", "empty"] as const;

export async function openAdminApp(): Promise<AdminApp> {
  const empty = { ...STEADY, active: null };
  const keys = [
    keyWith(new DeskStore(STEADY), "billing"),
    keyWith(new DeskStore({ ...STEADY, old: OLD, standby: STANDBY }), "in-grace"),
    keyWith(new DeskStore({ ...STEADY, active: ACTIVE, pending: PENDING }), "staged"),
    keyWith(new DeskStore(empty), "empty"),
  ];
  const world = openDesk(keys);
  const { records, clock, desk, logged } = world;
  const app = buildAdminListener({
    signIn: CREDENTIALS,
    url: null,
    listensOnLoopbackOnly: true,
    queues: [],
    readiness: async () => ({ ready: true, checks: { queue: "ok" } }),
    keys: desk,
    overview: new OverviewWatch({ keys, jobs: { unfinished: async () => [] }, records, clock }),
    scrape: async () => ({ contentType: "text/plain; version=0.0.4", text: "" }),
    version: "0.0.0-fuzz",
    clock,
    log: logged.log,
  });
  const { body } = await app.inject({ url: "/keys/billing", headers: BASIC });
  const [, formToken] = /name="token" value="([^"]+)"/.exec(body) ?? [];
  if (formToken === undefined) throw new Error("the key's page has no form");
  return { app, world, formToken, [Symbol.asyncDispose]: () => app.close() };
}
