/**
 * What waits for the disk. A PostgreSQL whose standby never answers shows it: there, whoever waits until a commit is
 * safe waits for ever, and whoever does not goes on.
 */
import { Client } from "pg";
import { expect, it } from "vitest";
import { startPostgresServer } from "../../support/postgres-server.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork } from "./setting.ts";

it("workers wait for no disk; a webhook's work and an alert are answered for only once they are on it", async () => {
  await using server = await startPostgresServer();
  await using setting = await openSetting(server.connectionString);
  const work = someWork();
  await setting.put(work);
  await using lost = new AsyncDisposableStack();
  lost.use(await loseStandby(server.connectionString));

  // The server learns of its settings a moment later.
  const refused = await until("the queue takes no work any more", () =>
    setting.put(someWork()).then(
      () => null,
      (error: unknown) => error,
    ),
  );
  expect(refused).toMatchObject({ name: "QueueError", effect: "unknown", retry: "later" });
  const about = { keyName: null, keyId: null, happened: "It happened.", action: null, raisedAt: 0 };
  const alert = { ...about, id: "key-lost-1", kind: "key-lost", severity: "critical" } as const;
  await expect(setting.raise(alert)).rejects.toMatchObject({ name: "QueueError", effect: "unknown" });

  await setting.work(async (_work, { journal, lease }) => {
    await journal.note("staged", { says: "Staged.", percent: 40 });
    await lease.confirm();
    return { kind: "done", result: "rotated", summary: "It is rotated." };
  });
  const { rotations } = setting.backend.queues;
  await until("the job is done", async () => (await rotations.getJobState(work.intent.id)) === "completed");
  expect((await rotations.getJob(work.intent.id))?.data.facts).toHaveProperty("staged");
});

/** Until it is disposed of: whoever still waits for the standby then could not be closed. */
async function loseStandby(connectionString: string): Promise<AsyncDisposable> {
  await configure(connectionString, "SET synchronous_standby_names = 'nobody'");
  return {
    [Symbol.asyncDispose]: () => configure(connectionString, "RESET synchronous_standby_names"),
  };
}

async function configure(connectionString: string, setting: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(`ALTER SYSTEM ${setting}`);
  await client.query("SELECT pg_reload_conf()");
  await client.end();
}
