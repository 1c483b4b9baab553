/** What the dashboard shows of each job: its key's page is one click away, and no secret is in it, wherever it was put. */
import { Queue, Worker } from "bullmq";
import fastify from "fastify";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { jobPage, serveDashboard } from "../../../src/http/admin/queues/dashboard.ts";
import { QUEUE_NAMES } from "../../../src/queue/names.ts";
import { captureLog } from "../../support/captured-log.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";

const CANARY = "CaNaRy-LegacyKeyOfFiftyCharacters-0123456789abcdefgh";

/** The dashboard of all four queues, and the keys `billing`, `reports` and `eu-standby`. */
async function openDashboard() {
  await using opened = new AsyncDisposableStack();
  const prefix = uniquePrefix("dashboard");
  const connection = { url: inject("redisUrl"), maxRetriesPerRequest: null };
  const queues = QUEUE_NAMES.map((name) => new Queue(name, { prefix, connection }));
  for (const queue of queues) opened.defer(() => queue.close());
  const [rotations, , alerts] = queues;
  if (!rotations || !alerts) throw new Error("there are no queues");
  const app = fastify();
  serveDashboard(app, queues, captureLog().log, ["billing", "reports", "eu-standby"]);
  opened.defer(() => app.close());
  const held = opened.move();
  return {
    rotations,
    alerts,
    get: async (path: string) => app.inject({ url: `/queues/api${path}` }),
    /** Runs the one job that waits in `rotations`. */
    async run(work: ConstructorParameters<typeof Worker>[1]) {
      const worker = new Worker(rotations.name, work, { connection, prefix });
      await until(
        "the job has ended",
        async () => (await rotations.getJobCountByTypes("completed", "failed")) > 0,
      );
      await worker.close();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const Shown = z.object({
  job: z.object({ externalUrl: z.object({ displayText: z.string(), href: z.string() }) }),
});

describe("the dashboard of all queues", () => {
  it("says of each what it is for", async () => {
    await using dashboard = await openDashboard();
    const { queues } = z
      .object({
        queues: z.array(z.object({ name: z.string(), displayName: z.string(), description: z.string() })),
      })
      .parse((await dashboard.get("/queues")).json());
    expect(queues.map(({ name }) => name)).toEqual(QUEUE_NAMES);
    for (const { name, displayName, description } of queues) {
      expect(displayName.toLowerCase()).toBe(name);
      expect(description).toMatch(/^[A-Z].{20,}\.$/);
    }
  });
});

describe("a job in the dashboard", () => {
  it.each([
    ["a key", { keyName: "billing" }, "Key billing", "/keys/billing"],
    ["a key's standby", { keyName: "reports-standby" }, "Key reports", "/keys/reports"],
    ["a key that is only called so", { keyName: "eu-standby" }, "Key eu-standby", "/keys/eu-standby"],
    ["a key that is no longer configured", { keyName: "gone" }, "Keys", "/"],
    ["no key", { keyName: null }, "Keys", "/"],
    ["an address of its own", { keyName: "../../x?javascript:" }, "Keys", "/"],
  ])("about %s leads to the page for it", async (_what, data, displayText, href) => {
    await using dashboard = await openDashboard();
    await dashboard.rotations.add("rotate", data, { jobId: "evt_1" });
    const { job } = Shown.parse((await dashboard.get("/queues/rotations/evt_1")).json());
    expect(job.externalUrl).toEqual({ displayText, href });
  });

  it("that sends an alert leads to the key that the alert is about", async () => {
    await using dashboard = await openDashboard();
    await dashboard.alerts.add("alert", { channel: "log", alert: { keyName: "billing" } }, { jobId: "a-1" });
    const { job } = Shown.parse((await dashboard.get("/queues/alerts/a-1")).json());
    expect(job.externalUrl.href).toBe("/keys/billing");
  });

  it("has a page under the address that our own pages link to", () => {
    expect(jobPage("rotations", "evt_1/x?")).toBe("/queues/queue/rotations/evt_1%2Fx%3F");
  });

  it("shows no secret that this process holds, wherever a fault has put it", async () => {
    await using dashboard = await openDashboard();
    const held = new Secret(CANARY);
    const facts = { staged: { at: "2026-11-21T12:00:00Z", says: `Staged ${CANARY}.` } };
    const job = await dashboard.rotations.add("rotate", { keyName: "billing", facts }, { jobId: "evt_1" });
    await job.log(`Paddle answered 401 for Bearer ${CANARY}`);
    await job.log(`Basic ${Buffer.from(`x:${CANARY}`).toString("base64")}`);
    await dashboard.run(async (running) => {
      await running.updateProgress({ at: CANARY });
      throw new Error(`no: ${CANARY}`);
    });
    for (const path of [
      "/queues/rotations/evt_1",
      "/queues/rotations/evt_1/logs",
      "/queues?activeQueue=rotations&status=failed&page=1&jobsPerPage=10",
    ]) {
      const { statusCode, body } = await dashboard.get(path);
      expect(statusCode, path).toBe(200);
      expect(body, path).not.toContain("CaNaRy");
      expect(body, path).not.toContain(Buffer.from("LegacyKey").toString("base64").slice(2, 10));
    }
    const shown = (await dashboard.get("/queues/rotations/evt_1")).json();
    expect(shown).toMatchObject({ job: { failedReason: "no: [hidden]", progress: "[not shown]" } });
    expect(held.fingerprint()).toMatch(/^sha256:/);
  });
});
