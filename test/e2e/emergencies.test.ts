/** Keys that leak, die or are replaced, through real processes and a simulated Paddle. */
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { identify } from "../../src/core/paddle-key.ts";
import { Secret } from "../../src/core/secret.ts";
import {
  ADMIN_TOKEN,
  openSite,
  type RunningService,
  type Site,
  type SiteOptions,
} from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;
const SOON_MS = 30_000;
/** Whoever waits behind a rotation waits this long. */
const SLOW_MS = 8_000;

const onRedis = (options: Omit<SiteOptions, "env"> = {}) =>
  openSite({ env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() }, ...options });

const asAdmin = (url: string, init: RequestInit = {}) =>
  fetch(url, {
    ...init,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
  });

const post = (service: RunningService, path: string, body: unknown) =>
  asAdmin(`${service.adminUrl}/api/keys/billing-worker/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });

const activeKeyId = async (site: Site) => {
  const active = await site.secret("ACTIVE_PADDLE_KEY");
  return active && identify(active)?.keyId;
};

const Line = z.object({ alert: z.object({ kind: z.string(), action: z.string().nullable() }) });

/** The alerts that the service's log channel has printed. */
async function alerts(site: Site): Promise<z.output<typeof Line>["alert"][]> {
  const lines = (await site.output()).split("\n");
  return lines.flatMap((line) => {
    if (!line.includes('"alert"')) return [];
    const read = Line.safeParse(JSON.parse(line));
    return read.success ? [read.data.alert] : [];
  });
}

const alerted = (site: Site, kind: string) =>
  until(`the alert ${kind}`, async () => (await alerts(site)).find((alert) => alert.kind === kind), SOON_MS);

const Audit = z.object({
  rotations: z.array(
    z.object({
      kind: z.string(),
      result: z.string(),
      exposureClock: z
        .object({
          occurredAt: z.iso.datetime(),
          receivedAt: z.iso.datetime(),
          secretDeadAt: z.iso.datetime().nullable(),
          storeUpdatedAt: z.iso.datetime().nullable(),
        })
        .optional(),
    }),
  ),
});

const audited = (service: RunningService, kind: string) =>
  until(
    `the record of the ${kind}`,
    async () => {
      const answer = await asAdmin(`${service.adminUrl}/api/rotations`);
      return Audit.parse(await answer.json()).rotations.find((record) => record.kind === kind);
    },
    SOON_MS,
  );

async function expectNothingLeaked(site: Site, ...more: readonly string[]): Promise<void> {
  const output = await site.output();
  expect([...site.secrets(), ...more].filter((secret) => output.includes(secret))).toEqual([]);
}

describe("a key that is exposed", () => {
  it.concurrent("and still works dies before its successor is handed out, without a grace", async () => {
    await using site = await onRedis();
    const service = await site.start();
    site.paddle.expose(site.key.id, { riskLevel: "low" });
    await until("the new secret is in the file", async () => {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      return active && active.reveal() !== site.key.secret;
    });
    expect(site.paddle.isAlive(site.key.secret)).toBe(false);
    expect(site.paddle.isAlive((await site.secret("ACTIVE_PADDLE_KEY"))?.reveal() ?? "")).toBe(true);
    expect(await site.secret("OLD_PADDLE_KEY")).toBeNull();
    expect((await alerted(site, "exposure-handled")).action).toContain("Restart or reload");
    const record = await audited(service, "exposure");
    expect(record.result).toBe("rotated");
    const clock = record.exposureClock;
    const times = [clock?.occurredAt, clock?.receivedAt, clock?.secretDeadAt, clock?.storeUpdatedAt];
    expect(times.map((time) => Date.parse(time ?? ""))).toEqual(
      times.map((time) => Date.parse(time ?? "")).toSorted((a, b) => a - b),
    );
    await expectNothingLeaked(site);
  });

  it.concurrent("and was revoked by Paddle gives its place to the standby", async () => {
    await using site = await onRedis({ standby: true });
    await site.start();
    site.paddle.expose(site.key.id);
    await until("the standby is active", async () => (await activeKeyId(site)) === site.standby?.id, SOON_MS);
    expect((await alerted(site, "standby-used")).action).toContain("new standby");
    await expectNothingLeaked(site);
  });

  it.concurrent(
    "and has no standby waits for a person, whose key is checked and put in its place",
    async () => {
      await using site = await onRedis();
      const service = await site.start();
      site.paddle.expose(site.key.id);
      expect((await alerted(site, "key-exposed")).action).toContain("rotator -- replace billing-worker");

      const dead = site.paddle.createKey({ name: "dead" });
      site.paddle.revoke(dead.id, { by: "user" });
      const refused = await post(service, "replacement", { key: dead.secret });
      expect(refused.status).toBe(422);
      expect(await refused.text()).not.toContain(dead.secret);

      const brought = site.paddle.createKey({ name: "brought", expiresAt: Date.now() + 80 * DAY_MS });
      const taken = await post(service, "replacement", { key: brought.secret });
      expect([taken.status, await taken.text()]).toEqual([202, expect.not.stringContaining(brought.secret)]);
      await until(
        "the person's key is active",
        async () => (await activeKeyId(site)) === brought.id,
        SOON_MS,
      );
      await expectNothingLeaked(site, brought.secret, dead.secret);
    },
  );

  // Not beside others: it measures a time.
  it("does not wait behind a thousand rotations while all their workers are busy", async () => {
    await using site = await onRedis();
    const service = await site.start();
    let asked = 0;
    // Paddle is slow to answer the first of them; the other workers wait for it, and all other jobs for a worker.
    site.paddle.faults.add({
      when: ({ path }) => path === `/api-keys/${site.key.id}` && (asked += 1) === 1,
      do: { kind: "delay", ms: SLOW_MS },
    });
    // Fewer at once than the admin listener takes connections.
    for (let batch = 0; batch < 10; batch += 1) {
      const puts = Array.from({ length: 100 }, () => post(service, "rotations", { mode: "graceful" }));
      for (const { status } of await Promise.all(puts)) expect(status).toBe(202);
    }
    await until("a worker asks Paddle", () => asked > 0);
    const startedAt = performance.now();
    site.paddle.expose(site.key.id, { riskLevel: "low" });
    await until("the exposed secret is dead", () => !site.paddle.isAlive(site.key.secret), SOON_MS);
    // On a machine that runs the other tests, too; `npm run bench -- exposure` measures the delay itself.
    expect(performance.now() - startedAt).toBeLessThan(SLOW_MS - 1_000);
  });
});

describe("a key that is revoked by a colleague", () => {
  it.concurrent("goes on by itself when it is reactivated within the hour", async () => {
    await using site = await onRedis();
    const service = await site.start();
    site.paddle.revoke(site.key.id, { by: "user" });
    expect((await alerted(site, "key-revoked")).action).toContain("reactivate it");
    site.paddle.reactivate(site.key.id);
    // People look with the admin API; the job itself looks every two minutes.
    const answer = await asAdmin(`${service.adminUrl}/api/keys/billing-worker`);
    expect(await answer.json()).toMatchObject({ paddle: { answer: "accepted", status: "active" } });
    expect(await activeKeyId(site)).toBe(site.key.id);
  });
});

describe("a webhook that never came", () => {
  it.concurrent("is made up for by the list of past events when the service starts", async () => {
    await using site = await onRedis({ yaml: "reconcile: { every: 1m }" });
    site.paddle.expose(site.key.id, { riskLevel: "low" }); // nobody listens
    await site.paddle.settled();
    await site.start();
    await until("the exposed secret is dead", () => !site.paddle.isAlive(site.key.secret), SOON_MS);
    await until("the new secret is in the file", async () => {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      return active && site.paddle.isAlive(active.reveal());
    });
  });

  it.concurrent("does not keep a key that is about to expire from being rotated", async () => {
    await using site = await onRedis({ expiresInDays: 6 });
    await site.start();
    await until("a rotation is activated", () => site.paddle.activatedRotations(site.key.id) === 1, SOON_MS);
  });
});

describe("a rotation that turns out badly", () => {
  it.concurrent("is rolled back by a person, and is kept on record", async () => {
    await using site = await onRedis({ graceSeconds: 3_600 });
    const service = await site.start();
    site.paddle.warnExpiring(site.key.id);
    await until("it is promoted", async () => (await site.secret("OLD_PADDLE_KEY")) !== null, SOON_MS);
    const newer = await site.secret("ACTIVE_PADDLE_KEY");
    const answer = await post(service, "rollback", {});
    expect(answer.status).toBe(202);
    expect((await site.secret("ACTIVE_PADDLE_KEY"))?.reveal()).toBe(site.key.secret);
    expect((await site.secret("OLD_PADDLE_KEY"))?.reveal()).toBe(newer?.reveal());
    expect((await post(service, "rollback", {})).status).toBe(409);
    expect((await audited(service, "rollback")).kind).toBe("rollback");
    await expectNothingLeaked(site);
  });
});

describe("a thief who rotates the key", () => {
  it.concurrent("is told of before the secret that we hold dies", async () => {
    await using site = await onRedis();
    await site.start();
    site.paddle.rotateAsThief(site.key.secret, { graceSeconds: 3_600, activate: true });
    const alert = await until(
      "an alert about the takeover",
      async () => (await alerts(site)).find(({ kind }) => kind.includes("takeover")),
      SOON_MS,
    );
    expect(alert.action).toContain("evoke");
    expect(new Secret(site.key.secret).fingerprint()).toMatch(/^sha256:/);
  });
});
