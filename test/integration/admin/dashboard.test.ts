/** Bull Board as we serve it: everything can be looked at, nothing touched, and nothing comes from elsewhere. */
import { appRoutes } from "@bull-board/api/dist/routes.js";
import type { Queue } from "bullmq";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { contentsOf, fill } from "../../support/admin/jobs.ts";
import { type AdminWorld, openAdmin } from "../../support/admin/world.ts";
import { startRedisServer } from "../../support/redis-server.ts";

const PAGES = ["", "/", "/queue/rotations", "/queue/rotations/evt_1", "/job-schedulers", "/metrics-history"];

/** A body for every write at once: each route takes from it what it knows. */
const BODY = {
  name: "rotate",
  data: {},
  options: {},
  jobData: {},
  delay: 0,
  runAt: 4_102_444_800_000,
  priority: 1,
  concurrency: 1,
  max: 1,
  duration: 1,
  every: 1_000,
  force: true,
};

const WRITES = appRoutes.api
  .flatMap(({ method, route }) =>
    [method].flat().flatMap((verb) => [route].flat().map((path) => ({ verb, path }))),
  )
  .filter(({ verb }) => verb !== "get")
  .flatMap(({ verb, path }) => expand(path).map((url) => [verb.toUpperCase(), url] as const));

/** The addresses of a route for each job and state that it may be about. */
function expand(path: string): string[] {
  const states = ["waiting", "delayed", "failed", "completed"];
  const filled = path.replace(":queueName", "rotations").replace(":schedulerId", "reconcile");
  if (filled.includes(":jobId")) return states.map((state) => filled.replace(":jobId", `evt_${state}`));
  return filled.includes(":queueStatus")
    ? states.map((state) => filled.replace(":queueStatus", state))
    : [filled];
}

const Accepted = z.object({ jobId: z.string(), status: z.string() });

function openDashboard(): Promise<AdminWorld> {
  return openAdmin({ redisUrl: inject("redisUrl") });
}

function rotationsOf(admin: AdminWorld): Queue {
  const queue = admin.queues.find(({ name }) => name === "rotations");
  if (!queue) throw new Error("there is no queue named rotations");
  return queue;
}

describe("the dashboard", () => {
  it("refuses every write that Bull Board knows, and none changes anything", async () => {
    await using admin = await openDashboard();
    const queue = rotationsOf(admin);
    await fill(queue, inject("redisUrl"));
    const before = await contentsOf(queue, inject("redisUrl"));
    expect(before.size).toBeGreaterThan(8);
    expect(WRITES.length).toBeGreaterThan(40);
    for (const [method, path] of WRITES) {
      const answer = await admin.call(`/queues${path}`, { method, body: BODY });
      expect(answer.status, `${method} ${path}`).toBe(405);
      expect(answer.headers.allow).toBe("GET, HEAD");
    }
    expect(await contentsOf(queue, inject("redisUrl"))).toEqual(before);
  });

  it.each(["DELETE", "PUT", "POST", "PATCH"])("has nothing that %s could do elsewhere", async (method) => {
    await using admin = await openDashboard();
    for (const path of [
      "/queues",
      "/queues/",
      "/queues/queue/rotations",
      "/queues/static/favicon.ico",
      "/queues/x",
    ])
      expect((await admin.call(path, { method, body: BODY })).status, path).toBeOneOf([404, 405]);
  });

  it("tells its page that every queue is for reading, what it is for and how it is doing", async () => {
    await using admin = await openDashboard();
    const answer = await admin.call("/queues/api/queues");
    expect(answer.headers["cache-control"]).toBe("no-store");
    const forReading = { readOnlyMode: true, allowRetries: false, counts: { waiting: 0 } };
    expect(answer.json()).toMatchObject({
      queues: [
        {
          name: "rotations",
          displayName: "Rotations",
          description: expect.stringContaining("grace"),
          ...forReading,
        },
        {
          name: "emergencies",
          displayName: "Emergencies",
          description: expect.stringContaining("Exposed"),
          ...forReading,
        },
        {
          name: "alerts",
          displayName: "Alerts",
          description: expect.stringContaining("channel"),
          ...forReading,
        },
      ],
    });
  });

  it("shows each step of a job as a sentence, under the address that a request for a rotation is given", async () => {
    await using admin = await openDashboard();
    const asked = await admin.call("/api/keys/billing/rotations", {
      method: "POST",
      body: { mode: "graceful" },
    });
    const { jobId, status } = Accepted.parse(asked.json());
    const job = await rotationsOf(admin).add("rotate", { keyName: "billing" }, { jobId });
    await job.log("Paddle accepts the active secret.");
    expect((await admin.call(status)).status).toBe(200);
    expect((await admin.call(`/queues/api/queues/rotations/${jobId}`)).json()).toMatchObject({
      job: { id: jobId, data: { keyName: "billing" } },
      status: "waiting",
    });
    expect((await admin.call(`/queues/api/queues/rotations/${jobId}/logs`)).json()).toEqual([
      "Paddle accepts the active secret.",
    ]);
  });

  it("shows nothing of a job but the fields that are known to be public", async () => {
    await using admin = await openDashboard();
    const data = {
      keyName: "billing",
      newSecret: "CaNaRy",
      intent: { kind: "CaNaRy" },
    };
    await rotationsOf(admin).add("rotate", data, { jobId: "evt_1" });
    for (const path of [
      "/api/queues?activeQueue=rotations&status=latest",
      "/api/queues?activeQueue=rotations&status=waiting&page=1&jobsPerPage=10",
      "/api/queues/rotations/evt_1",
      "/api/queues/rotations/evt_1/flow",
    ]) {
      const answer = await admin.call(`/queues${path}`);
      expect(answer.status, path).toBe(200);
      expect(answer.text, path).toContain("evt_1");
      expect(answer.text, path).not.toContain("CaNaRy");
    }
  });

  it("keeps the server of the queue to itself", async () => {
    await using admin = await openDashboard();
    expect((await admin.call("/queues/api/redis/stats")).status).toBe(403);
  });

  it("answers in its own words when the queue is down, and goes on when it is back", async () => {
    await using redis = await startRedisServer();
    await using admin = await openAdmin({ redisUrl: redis.url });
    expect((await admin.call("/queues/api/queues")).status).toBe(200);
    await redis.kill();
    const answer = await admin.call("/queues/api/queues");
    expect(answer.status).toBe(500);
    expect(answer.json()).toEqual({ error: { key: "ERRORS.INTERNAL_SERVER_ERROR" } });
    expect(admin.logged.lines).toMatchObject([{ msg: "dashboard request failed", err: expect.anything() }]);
    await redis.restart();
    await expect
      .poll(async () => (await admin.call("/queues/api/queues")).status, { timeout: 15_000 })
      .toBe(200);
  });
});

describe("the dashboard's page", () => {
  it.each(PAGES)("at /queues%s asks no other host for anything and obeys its own policy", async (path) => {
    await using admin = await openDashboard();
    const answer = await admin.call(`/queues${path}`);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(answer.headers["content-length"]).toBe(`${Buffer.byteLength(answer.text)}`);
    expect(answer.text).not.toMatch(/\/\/[a-z]/i);
    expect(answer.text).not.toMatch(/<style|style=|<script>|onload=/);
    expect(answer.text).toContain('<base href="/queues/" />');
    const policy = answer.headers["content-security-policy"];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("base-uri 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });

  it("has every file that it names, and no style sheet fetches from another host", async () => {
    await using admin = await openDashboard();
    const page = (await admin.call("/queues")).text;
    const files = [...page.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(6);
    for (const file of files) {
      const answer = await admin.call(`/queues/${file}`);
      expect(answer.status, file).toBe(200);
      if (file?.endsWith(".css"))
        expect(answer.text).not.toMatch(/(?:url\(|@import)\s*["']?(?:https?:)?\/\//);
    }
  });

  it("is the same length to HEAD as to GET", async () => {
    await using admin = await openDashboard();
    const [get, head] = [await admin.call("/queues"), await admin.call("/queues", { method: "HEAD" })];
    expect(head.status).toBe(200);
    expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
  });
});
