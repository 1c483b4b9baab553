/**
 * A query of Prometheus crosses its threshold after a promotion: applications have the old secret back before that dies,
 * also if the process is killed over it, and the alert and the audit record say so.
 */
import { expect, inject, it } from "vitest";
import { z } from "zod";
import { PrometheusFake } from "../support/checks/prometheus-fake.ts";
import { STRIKER } from "../support/crash-cell.ts";
import { ADMIN_TOKEN, openSite, type RunningService, type Site } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

const QUERY = 'sum(rate(paddle_requests_total{status="403"}[2m])) or vector(0)';
const GRACE_SECONDS = 900;
/** The newer secret comes back by itself, five minutes before the older one dies. */
const UNTIL_BACK_MS = (GRACE_SECONDS - 4 * 60) * 1000;
const LOOK_EVERY_MS = 100;
const SOON_MS = 45_000;

const Line = z.object({
  alert: z.object({ id: z.string(), kind: z.string(), severity: z.string(), happened: z.string() }),
});
const Audit = z.object({
  rotations: z.array(
    z.object({ result: z.string(), steps: z.array(z.object({ fact: z.string(), says: z.string() })) }),
  ),
});

async function alertsOf(site: Site) {
  const lines = (await site.output()).split("\n").filter((line) => line.includes('"alert":{'));
  return lines.flatMap((line) => Line.safeParse(JSON.parse(line)).data?.alert ?? []);
}

async function recordsOf({ adminUrl }: RunningService) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const answer = await fetch(`${adminUrl}/api/rotations`, { headers });
  return Audit.parse(await answer.json()).rotations;
}

it.concurrent.for([{ dies: false }, { dies: true }])(
  "applications have the old secret back after Prometheus crossed the threshold (the process dies while it answers: $dies)",
  async ({ dies }) => {
    await using prometheus = await PrometheusFake.open();
    prometheus.gives(QUERY, "0");
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
      graceSeconds: GRACE_SECONDS,
      yaml: [
        "    checks:",
        "      - name: api-errors",
        "        type: prometheus",
        `        url: ${prometheus.url}`,
        `        query: ${QUERY}`,
        "        above: 0.05",
        "        for: 10s",
        "        every: 5s",
        "        window: 10m",
        "        onFailure: rollback",
      ].join("\n"),
    });
    const activeIs = async (text: string) => (await site.secret("ACTIVE_PADDLE_KEY"))?.reveal() === text;
    let service = await site.start();
    site.paddle.warnExpiring(site.key.id);
    await until("Prometheus is asked", () => prometheus.asked.length > 0, SOON_MS, LOOK_EVERY_MS);
    const newer = (await site.secret("ACTIVE_PADDLE_KEY"))?.reveal() ?? "";
    expect(newer).not.toBe(site.key.secret);

    prometheus.gives(QUERY, "0.2");
    if (dies) {
      prometheus.instead = () => service.kill("SIGKILL");
      expect(await service.ended).toBe("SIGKILL");
      prometheus.instead = null;
      service = await site.start();
    }
    await until("the old secret is back", () => activeIs(site.key.secret), SOON_MS, LOOK_EVERY_MS);
    expect(site.paddle.isAlive(site.key.secret)).toBe(true);
    const told = async () => (await alertsOf(site)).find(({ kind }) => kind === "rolled-back-by-check");
    expect(await until("people hear of it", told, SOON_MS, LOOK_EVERY_MS)).toMatchObject({
      severity: "critical",
      happened: expect.stringMatching(/api-errors.*The query gives 0\.2, which is above 0\.05\./s),
    });

    // Time passes while no process runs.
    prometheus.gives(QUERY, "0");
    let aheadMs = 0;
    const restart = async (afterMs: number) => {
      service.kill("SIGTERM");
      await service.ended;
      site.paddle.clock.advance(afterMs);
      aheadMs += afterMs;
      service = await site.start({ entry: STRIKER, env: { CLOCK_AHEAD_MS: String(aheadMs) } });
    };
    await restart(UNTIL_BACK_MS);
    await until("the newer secret is back", () => activeIs(newer), SOON_MS, LOOK_EVERY_MS);
    expect(site.paddle.isAlive(site.key.secret)).toBe(true);
    await restart(GRACE_SECONDS * 1000 - UNTIL_BACK_MS);
    const recorded = async () => (await recordsOf(service)).find(({ result }) => result === "rotated");
    const record = await until("the rotation has ended", recorded, SOON_MS, LOOK_EVERY_MS);
    expect(record.steps).toContainEqual({
      fact: "rolledBackByCheck",
      says: expect.stringMatching(/^Check api-errors failed, and it was rolled back to the older secret/),
    });
    expect(await activeIs(newer)).toBe(true);
    expect(site.paddle.activatedRotations(site.key.id)).toBe(1);
    const ids = (await alertsOf(site)).filter(({ kind }) => kind === "rolled-back-by-check");
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
    const printed = await site.output();
    for (const secret of site.secrets()) expect(printed).not.toContain(secret);
  },
);
