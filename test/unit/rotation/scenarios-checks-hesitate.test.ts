/** When a check that fails, or seems to, gives nothing back; and what is told of it all the same. */
import { describe, expect, it } from "vitest";
import { resumeWork } from "../../../src/core/resume-work.ts";
import { ROLLBACK_MARGIN_MS } from "../../../src/rotation/next-step.ts";
import {
  alertsOf,
  begun,
  checkedWorld,
  kinds,
  MINUTE_MS,
  passes,
  result,
} from "../../support/engine/checked-world.ts";
import { diesBefore, openGate } from "../../support/engine/gates.ts";

describe("a check with rollback", () => {
  it("whose bad looks are fewer than it takes changes nothing", async () => {
    const { world, check } = checkedWorld("rollback");
    await begun(world);
    let count = 0;
    check.onLook = () => {
      count += 1;
      check.state = count % 3 === 0 ? "good" : "bad";
    };
    await world.runAll();
    expect(count).toBeGreaterThan(9);
    expect(world.alerts).toEqual([]);
    expect(result(world)).toMatchObject({ result: "rotated" });
  });

  it.each([["unknown" as const], [new TypeError("broken")]])(
    "that cannot be found out (%s) is no reason to roll back",
    async (state) => {
      const { world, check } = checkedWorld("rollback");
      check.state = state;
      await begun(world);
      await world.runAll();
      expect(world.alerts).toEqual([]);
      expect(result(world)).toMatchObject({ result: "rotated" });
      expect(world.jobs.all[0]?.journal.facts["check-errors"]?.says).toContain("is unknown");
    },
  );

  it("that fails after its window is over changes nothing", async () => {
    const { world, check } = checkedWorld("rollback");
    await begun(world);
    await passes(world, check.windowMs + MINUTE_MS);
    check.state = "bad";
    await world.runAll();
    expect(world.alerts).toEqual([]);
  });

  it("that fails when little of the grace is left pages instead, and says why", async () => {
    const { world, check } = checkedWorld("rollback", { graceSeconds: 5 * 60 });
    check.state = "bad";
    await begun(world);
    await passes(world, 3 * MINUTE_MS);
    expect(world.store.slots.rolledBack).toBe(false);
    expect(world.alerts).toMatchObject([
      {
        kind: "check-failed",
        severity: "critical",
        action: expect.stringContaining("The old secret dies in"),
      },
    ]);
    await world.runAll();
    expect(result(world)).toMatchObject({ result: "rotated" });
    expect(world.alerts.at(-1)).toMatchObject({
      kind: "check-unwatched",
      incident: { id: world.alerts[0]?.incident?.id, state: "over" },
    });
  });

  it("does not bring back a secret that Paddle refuses", async () => {
    const { world, check } = checkedWorld("rollback", { switches: { oldSecrets: "end-at-post" } });
    await begun(world);
    await world.thief({ activate: false, graceSeconds: 3_600 });
    expect(world.isAlive(world.store.slots.old?.secret)).toBe(false);
    check.state = "bad";
    await passes(world, 3 * MINUTE_MS);
    expect(world.store.slots.rolledBack).toBe(false);
    expect(alertsOf(world, "check-failed")[0]?.action).toContain("Paddle refuses the old secret");
  });

  it("brings no exposed secret back, where an exposure is answered gracefully", async () => {
    const { world, check } = checkedWorld("rollback", { policy: { onExposure: "graceful" } });
    check.state = "bad";
    const [exposure] = await world.exposed({ action: "none" });
    world.jobs.add(exposure);
    await passes(world, 5 * MINUTE_MS);
    expect(world.store.slots).toMatchObject({ rolledBack: false, old: { until: expect.any(Number) } });
    expect(alertsOf(world, "check-failed")).toMatchObject([
      { severity: "critical", action: expect.stringContaining("may have leaked") },
    ]);
    expect(alertsOf(world, "rolled-back-by-check")).toEqual([]);

    world.jobs.forget();
    const { store, activeKeyId: keyId, clock } = world;
    world.jobs.add(resumeWork({ keyName: "billing", keyId, slots: store.slots }, clock.now()));
    await passes(world, 5 * MINUTE_MS);
    expect(world.store.slots.rolledBack).toBe(false);
  });

  it("is not looked at before every consumer was told", async () => {
    const { world, check, consumer, looks } = checkedWorld("rollback");
    check.state = "bad";
    consumer.isReachable = false;
    await begun(world);
    await passes(world, 5 * MINUTE_MS);
    expect(looks).toEqual([]);
    consumer.isReachable = true;
    await passes(world, 5 * MINUTE_MS);
    expect(looks.length).toBeGreaterThan(2);
    expect(kinds(world)).toEqual(["rolled-back-by-check"]);
  });

  it("is told of even if the process died between the rollback and the alert, and nobody ran until its end", async () => {
    const { world, check } = checkedWorld("rollback");
    await begun(world);
    check.state = "bad";
    world.gate = diesBefore("alerts.raise");
    world.nextGate = () => openGate;
    const [job] = world.jobs.all;
    while (!world.store.slots.rolledBack) await passes(world, 10_000);
    const until = world.store.slots.old?.until ?? 0;
    expect(world.alerts).toEqual([]);
    if (!job) throw new Error("a job");
    job.dueAt = until - ROLLBACK_MARGIN_MS + 1_000;
    check.state = "good";
    await world.runAll();
    expect(kinds(world)).toEqual(["rolled-back-by-check"]);
    expect(world.store.slots).toMatchObject({ rolledBack: false, old: null });
  });
});
