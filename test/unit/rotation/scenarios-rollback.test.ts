/** A rollback that a person asked for, when the desk dies right behind it. */
import { describe, expect, it } from "vitest";
import { listRecords } from "../../../src/rotation/record.ts";
import { alertsOf, begun, MINUTE_MS, passes } from "../../support/engine/checked-world.ts";
import { World } from "../../support/engine/world.ts";

describe("a rollback whose desk died right behind it", () => {
  it("is told and kept by the next run of any job, once, with the name of who asked", async () => {
    const world = new World();
    await begun(world);
    await world.rollsBack("ops");
    const older = world.store.slots.active?.secret.fingerprint();
    world.jobs.add({ ...world.intent("manual", "manual-again"), eventId: null });
    await passes(world, MINUTE_MS);
    expect(alertsOf(world, "rolled-back")).toMatchObject([
      { severity: "warning", happened: expect.stringContaining("by ops") },
    ]);
    expect(alertsOf(world, "rolled-back")[0]?.happened).toContain(older);
    await world.resumes();
    expect(alertsOf(world, "rolled-back")).toHaveLength(1);
    const { rotations } = await listRecords(world.records, { limit: 50 });
    expect(rotations.filter(({ kind }) => kind === "rollback")).toMatchObject([
      { result: "rolled-back", summary: expect.stringContaining("by ops") },
    ]);
    expect(world.broken).toEqual([]);
  });
});
