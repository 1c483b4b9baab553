/** Checks after a promotion: what people hear, and when applications get the former secret back. */
import { describe, expect, it } from "vitest";
import { resumeWork } from "../../../src/core/resume-work.ts";
import { ROLLBACK_MARGIN_MS } from "../../../src/rotation/next-step.ts";
import { listRecords } from "../../../src/rotation/record.ts";
import {
  alertsOf,
  begun,
  checkedWorld,
  kinds,
  MINUTE_MS,
  passes,
  result,
} from "../../support/engine/checked-world.ts";
import { GRACE_SECONDS, type WorldOptions } from "../../support/engine/world.ts";

describe("a check that is good", () => {
  it("is looked at for its window, from the beginning of the switch-over, and no longer", async () => {
    const { world, check, looks } = checkedWorld("rollback");
    await begun(world);
    const startedAt = world.clock.now() - 1_000;
    await world.runAll();
    expect(looks).toHaveLength(check.windowMs / check.everyMs);
    expect(looks[0]).toBeLessThanOrEqual(startedAt + 1_000);
    expect(looks.at(-1)).toBeLessThan(startedAt + check.windowMs);
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
    expect(world.alerts).toEqual([]);
    expect(world.broken).toEqual([]);
  });

  it("does not shorten the grace", async () => {
    const { world } = checkedWorld("rollback");
    await begun(world);
    const startedAt = world.clock.now();
    await world.runAll();
    expect(world.clock.now()).toBeGreaterThanOrEqual(startedAt + GRACE_SECONDS * 1000 - 2_000);
  });

  it("is looked at once for two jobs that wait for the same grace", async () => {
    const { world, check, looks } = checkedWorld("rollback");
    await begun(world);
    world.jobs.add(await world.asksForRotation());
    await passes(world, 5 * MINUTE_MS);
    expect(looks.length).toBeLessThanOrEqual(6 * (MINUTE_MS / check.everyMs));
  });
});

describe("a check with rollback that fails two minutes after the promotion", () => {
  async function failed(options: WorldOptions = {}) {
    const setting = checkedWorld("rollback", options);
    const { world, check } = setting;
    await begun(world);
    const newer = world.store.slots.active;
    await passes(world, 2 * MINUTE_MS);
    check.state = "bad";
    await passes(world, 2 * MINUTE_MS);
    return { ...setting, newer };
  }

  it("has applications back on the old secret, which lives", async () => {
    const { world, consumer } = await failed();
    const { active, rolledBack } = world.store.slots;
    expect(rolledBack).toBe(true);
    expect(active?.secret.reveal()).toBe(world.firstSecret);
    expect(world.isAlive(active?.secret)).toBe(true);
    expect(consumer.told.map(({ fingerprint }) => fingerprint)).toEqual([
      world.store.slots.old?.secret.fingerprint(),
      active?.secret.fingerprint(),
    ]);
    expect(world.broken).toEqual([]);
  });

  it("tells people what the check said and until when they have time", async () => {
    const { world, newer } = await failed();
    const until = world.store.slots.old?.until ?? 0;
    expect(world.alerts).toMatchObject([
      {
        kind: "rolled-back-by-check",
        severity: "critical",
        happened: expect.stringContaining(
          `its check errors failed with the new secret ${newer?.secret.fingerprint()}. It is bad.`,
        ),
        action: expect.stringContaining(new Date(until - ROLLBACK_MARGIN_MS).toISOString()),
      },
    ]);
  });

  it("comes to its end by itself: the newer secret comes back before the older one dies", async () => {
    const { world, consumer, check, newer } = await failed();
    const until = world.store.slots.old?.until ?? 0;
    await world.runAll(until - ROLLBACK_MARGIN_MS - 1_000);
    expect(world.store.slots.rolledBack).toBe(true);
    check.state = "good";
    await world.runAll(until - ROLLBACK_MARGIN_MS + 1_000);
    expect(world.store.slots).toMatchObject({ rolledBack: false, active: { secret: newer?.secret } });
    expect(consumer.told).toHaveLength(3);
    expect(new Set(consumer.told.map(({ id }) => id)).size).toBe(3);
    await world.runAll();
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
    expect(kinds(world)).toEqual(["rolled-back-by-check"]);
    expect(world.store.slots.old).toBeNull();
    expect(world.broken).toEqual([]);
  });

  it("is in the record of the rotation", async () => {
    const { world } = await failed();
    await world.runAll();
    const { rotations } = await listRecords(world.records, { limit: 1 });
    expect(rotations[0]?.steps.map(({ fact }) => fact)).toEqual(
      expect.arrayContaining(["promoted", "check-errors", "rolledBackByCheck", "swappedForward", "retired"]),
    );
    const step = rotations[0]?.steps.find(({ fact }) => fact === "rolledBackByCheck");
    expect(step?.says).toContain("Check errors failed");
    expect(step?.says).toContain("It is bad.");
  });

  it("is not rolled back a second time, which people hear", async () => {
    const { world, looks } = await failed();
    const until = world.store.slots.old?.until ?? 0;
    await world.runAll(until - ROLLBACK_MARGIN_MS - 1_000);
    const before = looks.length;
    await world.runAll(until - 1_000);
    expect(looks.length).toBeGreaterThan(before);
    expect(world.store.slots.rolledBack).toBe(false);
    expect(alertsOf(world, "check-failed")).toMatchObject([
      { severity: "critical", action: expect.stringContaining("once already") },
    ]);
    await world.runAll();
    expect(alertsOf(world, "rolled-back-by-check")).toHaveLength(1);
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
  });

  it("does the same where there are no consumers to be told", async () => {
    const { world, newer } = await failed({ consumers: [] });
    expect(world.store.slots.rolledBack).toBe(true);
    await world.runAll();
    expect(world.store.slots).toMatchObject({
      rolledBack: false,
      old: null,
      active: { secret: newer?.secret },
    });
    expect(kinds(world)).toEqual(["rolled-back-by-check", "check-failed", "check-unwatched"]);
    expect(world.broken).toEqual([]);
  });

  it("gives way to an exposure: the exposed secrets are ended", async () => {
    const { world } = await failed();
    const [exposure] = await world.exposed({ action: "none" });
    world.jobs.add(exposure);
    await world.runAll();
    expect(world.store.slots).toMatchObject({ rolledBack: false, old: null });
    expect(world.isAlive(world.store.slots.active?.secret)).toBe(true);
    expect(alertsOf(world, "exposure-handled")).toHaveLength(1);
    expect(world.broken).toEqual([]);
  });
});

describe("a check that alerts", () => {
  it("tells people once that it fails, and once that it is good again", async () => {
    const { world, check } = checkedWorld("alert");
    await begun(world);
    check.state = "bad";
    await passes(world, 5 * MINUTE_MS);
    expect(world.store.slots.rolledBack).toBe(false);
    expect(world.alerts).toMatchObject([
      { kind: "check-failed", severity: "warning", incident: { state: "open" } },
    ]);
    expect(world.alerts[0]?.action).toContain("npm run rotator -- rollback billing");
    check.state = "good";
    await passes(world, MINUTE_MS);
    check.state = "bad";
    await world.runAll();
    expect(kinds(world)).toEqual(["check-failed", "check-good-again"]);
    expect(world.alerts[1]?.incident).toEqual({ id: world.alerts[0]?.incident?.id, state: "over" });
  });

  it("is looked at no longer after a person rolled back, which ends what was said of it", async () => {
    const { world, check } = checkedWorld("alert");
    await begun(world);
    check.state = "bad";
    await passes(world, 5 * MINUTE_MS);
    await world.rollsBack();
    const { store, activeKeyId: keyId, clock } = world;
    world.jobs.add(resumeWork({ keyName: "billing", keyId, slots: store.slots }, clock.now()));
    await passes(world, MINUTE_MS);
    expect(kinds(world)).toEqual(["check-failed", "check-unwatched"]);
    check.state = "good";
    await world.runAll();
    expect(kinds(world)).toEqual(["check-failed", "check-unwatched"]);
  });

  it("and fails when its window ends is looked at until it is good again", async () => {
    const { world, check } = checkedWorld("alert");
    await begun(world);
    check.state = "bad";
    await passes(world, check.windowMs + MINUTE_MS);
    check.state = "good";
    await passes(world, 10 * MINUTE_MS);
    expect(kinds(world)).toEqual(["check-failed", "check-good-again"]);
  });
});
