/** The overview of a service whose queue and records are on a real server, which also goes away. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAlertLog } from "../../src/alerts/alert-log.ts";
import { systemClock } from "../../src/clock.ts";
import type { Records } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Overview } from "../../src/overview/overview.ts";
import { OverviewWatch } from "../../src/overview/watch.ts";
import { createJobList } from "../../src/queue/job-list.ts";
import { openPostgresRecords } from "../../src/records/postgres.ts";
import { openRedisRecords } from "../../src/records/redis.ts";
import { rememberingKeys } from "../../src/rotation/seen-keys.ts";
import { ACTIVE, KEY_ID, keyWith, NOW, STEADY } from "../support/admin/keys.ts";
import { apiKey, DeskPaddle } from "../support/admin/neighbours.ts";
import { captureLog } from "../support/captured-log.ts";
import { startPostgresServer } from "../support/postgres-server.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { openSetting, type Setting, someWork } from "./queue/setting.ts";

/** 3 s, and what a busy machine adds. */
const IN_TIME_MS = 4_000;
const { log } = captureLog();

type Server = AsyncDisposable & { kill(): Promise<void>; restart(): Promise<void> };

const SERVERS = [
  {
    name: "Redis",
    start: async () => {
      const server = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
      const url = new Secret(server.url);
      return { server, url, records: await openRedisRecords({ url, prefix: "overview", log }) };
    },
  },
  {
    name: "PostgreSQL",
    start: async () => {
      const server = await startPostgresServer();
      const url = new Secret(server.connectionString);
      return { server, url, records: await openPostgresRecords({ url, schema: "overview", log }) };
    },
  },
];

describe.each(SERVERS)("the overview on $name", ({ start }) => {
  const opened = new AsyncDisposableStack();
  let server: Server;
  let records: Records;
  let setting: Setting;
  let watch: OverviewWatch;

  beforeAll(async () => {
    const started = await start();
    server = opened.use(started.server);
    records = opened.use(started.records);
    setting = opened.use(await openSetting(started.url.reveal(), "overview"));
    const keys = [keyWith(STEADY), keyWith(STEADY, "reports")];
    watch = new OverviewWatch({ keys, jobs: createJobList(setting.backend), records, clock: systemClock });
  });
  afterAll(() => opened.disposeAsync());

  const keyOf = ({ keys }: Overview) => keys[0];
  const untilShown = (what: string, isSo: (overview: Overview) => boolean) =>
    until(what, async () => {
      const overview = await watch.latest();
      return isSo(overview) ? overview : null;
    });

  it("shows what was put into the queue, said by Paddle and told to people", async () => {
    const before = await watch.latest();
    expect(before.faults).toEqual([]);
    expect(keyOf(before)).toMatchObject({ jobs: [], incidents: [], paddle: null });
    const work = { ...someWork(), keyName: "billing" };
    await setting.put(work);
    await openAlertLog(records).keep({
      id: "key-lost-1",
      kind: "key-lost",
      severity: "critical",
      keyName: "billing",
      keyId: KEY_ID,
      happened: "Paddle refuses the key.",
      action: "Supply another key.",
      raisedAt: NOW,
      incident: { id: "key-lost-1", state: "open" },
    });
    const ask = new DeskPaddle();
    const paddle = rememberingKeys(
      { ask: (id: string, secret: Secret) => ask.ask(id, secret) },
      { records, clock: systemClock, log },
    );
    await paddle.ask(KEY_ID, ACTIVE.secret);
    watch.touch("billing");
    const overview = await untilShown("all of it", (seen) => keyOf(seen)?.paddle !== null);
    expect(keyOf(overview)).toMatchObject({
      jobs: [{ work, state: "waiting" }],
      incidents: [{ alert: { id: "key-lost-1" }, since: NOW }],
      paddle: { status: "active", expiresAt: apiKey().expiresAt },
    });
    expect(overview.version).not.toBe(before.version);
    expect(overview.keys[1]).toMatchObject({ jobs: [], incidents: [] });
  });

  it("keeps showing it while the server is away, says so within 3 s, and is whole when it is back", async () => {
    const before = await untilShown("the job", (seen) => keyOf(seen)?.jobs.length === 1);
    await server.kill();
    const after = await untilShown("a fault", ({ faults }) => faults.length > 0);
    expect(after.keys).toEqual(before.keys);
    watch.touch("billing");
    const startedAt = performance.now();
    const touched = await watch.latest();
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    expect(touched.keys).toEqual(before.keys);
    await server.restart();
    const whole = await untilShown("the end of it", ({ faults }) => faults.length === 0);
    expect(whole.keys).toEqual(before.keys);
    expect(whole.version).toBe(before.version);
  });
});
