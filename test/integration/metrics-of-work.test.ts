/** What is measured while real rotations run: the engine, the client and a simulated Paddle, in compressed time. */
import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/metrics/metrics.ts";
import { type Fleet, openFleet } from "../support/fleet/fleet.ts";
import { seriesIn } from "../support/metrics/measured.ts";
import { overviewOf } from "../support/metrics/overview.ts";

/** A fleet whose jobs are measured, and what a scrape says of one series. */
async function openMeasured(opened: AsyncDisposableStack) {
  const fleet = opened.use(await openFleet({ keys: 2, graceSeconds: 60, requestsPerMinute: 240 }));
  const { clock, workers } = fleet;
  const metrics = createMetrics({ version: "1", clock, elapsed: () => clock.now() });
  const { rotate, "revoke-first": revokeFirst, replace, inspect } = workers.processors;
  if (!rotate || !revokeFirst || !replace || !inspect) throw new Error("the fleet has no processors");
  Object.assign(
    workers.processors,
    metrics.processors({ rotate, "revoke-first": revokeFirst, replace, inspect }),
  );
  const series = async () => {
    const { text } = await metrics.scrape({ overview: async () => overviewOf([]), depths: async () => ({}) });
    return seriesIn(text);
  };
  const value = async (name: string) => (await series()).get(`paddle_rotator_${name}`);
  return { fleet, series, value };
}

const isOver = ({ workers }: Fleet, job: string) =>
  workers.jobs.some(({ work, outcome }) => work.job === job && outcome?.kind === "done");

describe("what is measured of the work", () => {
  it("has every step of a rotation under its own name, and changes nothing about it", async () => {
    await using opened = new AsyncDisposableStack();
    const { fleet, series, value } = await openMeasured(opened);
    const [key] = fleet.keys;
    fleet.paddle.warnExpiring(key?.id ?? "");
    await fleet.runUntil(() => isOver(fleet, "rotate"));

    expect(fleet.workers.errors).toEqual([]);
    expect(fleet.alerts).toEqual([]);
    const slots = key?.store.slots;
    expect([slots?.old, slots?.pending]).toEqual([null, null]);
    const steps = [...(await series()).keys()].flatMap(
      (name) => /^paddle_rotator_step_duration_seconds_count\{step="(.+)"\}$/.exec(name)?.[1] ?? [],
    );
    expect(steps).toEqual(
      expect.arrayContaining(["activeAccepted", "staged", "activated", "promoted", "retired"]),
    );
    expect(steps).not.toContain("other");
    expect(await value(`job_runs_total{work="rotate",intent="expiring",outcome="done"}`)).toBe(1);
    expect(await value(`rotations_ended_total{kind="rotation",outcome="done"}`)).toBe(1);
    expect(await value(`exposure_to_dead_seconds_count{since="occurred"}`)).toBe(0);
  });

  it("has the time from an exposure to the death of the secret, once", async () => {
    await using opened = new AsyncDisposableStack();
    const { fleet, value } = await openMeasured(opened);
    const [key] = fleet.keys;
    fleet.paddle.expose(key?.id ?? "", { revoke: false });
    await fleet.runUntil(() => isOver(fleet, "revoke-first"));

    expect(fleet.paddle.isAlive(key?.secret ?? "")).toBe(false);
    expect(await value(`exposure_to_dead_seconds_count{since="occurred"}`)).toBe(1);
    expect(await value(`exposure_to_dead_seconds_bucket{le="5",since="occurred"}`)).toBe(1);
    expect(await value(`rotations_ended_total{kind="exposure",outcome="done"}`)).toBe(1);
    expect(await value(`job_runs_total{work="revoke-first",intent="exposed",outcome="done"}`)).toBe(1);
  });
});
