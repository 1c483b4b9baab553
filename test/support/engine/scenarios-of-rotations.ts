/** Rotations, graceful and revoke first, each with its right end. */
import { MemoryCheck } from "../memory-check.ts";
import { MemoryConsumer } from "../memory-consumer.ts";
import { Died, diesBefore } from "./gates.ts";
import type { Scenario } from "./play.ts";
import type { World } from "./world.ts";

const ROTATED = { active: "new secret, living", left: [] } as const;

/** A graceful rotation, stopped before the nth effect of this name. */
export async function stopGraceful(world: World, effect: string, nth: number): Promise<void> {
  const { gate } = world;
  world.gate = diesBefore(effect, nth);
  const work = world.intent("expiring", "evt_expiring");
  await world.run(work, world.gate).catch((error: unknown) => {
    if (!(error instanceof Died)) throw error;
  });
  world.jobs.again(work);
  world.gate = gate;
}

async function exposureIn(world: World): Promise<void> {
  const [exposure] = await world.exposed({ action: "none" });
  world.jobs.add(exposure);
  await world.runAll();
}

/** A graceful rotation whose old secret is in its grace. */
async function untilGrace(world: World): Promise<void> {
  world.jobs.add(world.intent("expiring", "evt_expiring"));
  await world.runAll(world.clock.now() + 60_000);
}

async function untilRollback(world: World): Promise<void> {
  await untilGrace(world);
  await world.rollsBack();
}

/** A check fails as soon as the new secret is in use, and for half an hour. */
async function failsAtOnce(world: World): Promise<void> {
  const { clock } = world;
  const end = clock.now() + 30 * 60_000;
  for (const check of world.checks)
    check.onLook = () => void (check.state = clock.now() < end ? "bad" : "good");
  await world.runToEnd(world.intent("expiring", "evt_expiring"));
}

function rolledBackByCheck(hasConsumers: boolean): Scenario {
  return {
    name: `rollback by a check, ${hasConsumers ? "with" : "without"} consumers`,
    options: () => ({
      consumers: hasConsumers ? [new MemoryConsumer("billing", ["one", "two"])] : [],
      checks: [new MemoryCheck("errors", "rollback")],
    }),
    play: failsAtOnce,
    // A consumer would believe the last word that it heard, however late.
    ...(hasConsumers && { lateMs: 20 * 60_000 }),
    end: {
      ...ROTATED,
      jobs: { "rotate (expiring)": ["rotated"] },
      alerts: ["rolled-back-by-check"],
      mayAlert: hasConsumers ? ["consumers-lag", "consumers-switched", "consumers-unwatched"] : [],
    },
  };
}

const DURING_GRACE = {
  ...ROTATED,
  jobs: { "rotate (expiring)": ["met-already", "gave-way"], "revoke-first (exposed)": ["rotated"] },
};

export const ROTATIONS: readonly Scenario[] = [
  {
    name: "graceful",
    play: async (world) => void (await world.runToEnd(world.intent("expiring", "evt_expiring"))),
    end: { ...ROTATED, jobs: { "rotate (expiring)": ["rotated"] }, alerts: [] },
  },
  {
    name: "revoke first",
    play: exposureIn,
    end: { ...ROTATED, jobs: { "revoke-first (exposed)": ["rotated"] }, alerts: ["exposure-handled"] },
  },
  {
    name: "revoke first over a staged graceful rotation",
    before: (world) => stopGraceful(world, "paddle.ask", 2),
    play: exposureIn,
    // A crash before the exposure is remembered lets the graceful rotation go on, whose grace then runs.
    end: {
      ...DURING_GRACE,
      alerts: ["exposure-handled"],
      mayAlert: ["exposed-secret-lives", "exposed-secret-dead"],
    },
  },
  {
    name: "revoke first over a graceful rotation just activated",
    before: (world) => stopGraceful(world, "store.write", 2),
    play: exposureIn,
    end: { ...DURING_GRACE, alerts: ["exposed-secret-lives", "exposed-secret-dead", "exposure-handled"] },
  },
  {
    name: "revoke first during a grace, old secrets stack",
    before: untilGrace,
    play: exposureIn,
    end: { ...DURING_GRACE, alerts: ["exposed-secret-lives", "exposed-secret-dead", "exposure-handled"] },
  },
  {
    name: "revoke first during a grace, old secrets end",
    options: { switches: { oldSecrets: "end-at-completion" } },
    before: untilGrace,
    play: exposureIn,
    end: { ...DURING_GRACE, alerts: ["exposure-handled"] },
  },
  {
    name: "revoke first after a rollback",
    before: untilRollback,
    play: exposureIn,
    end: { ...DURING_GRACE, alerts: ["exposed-secret-lives", "exposed-secret-dead", "exposure-handled"] },
  },
  {
    name: "rollback and its swap forward",
    before: untilRollback,
    play: (world) => world.runAll(),
    end: { ...ROTATED, jobs: { "rotate (expiring)": ["rotated"] }, alerts: [] },
  },
  {
    name: "graceful, with consumers",
    options: () => ({ consumers: [new MemoryConsumer("billing", ["one", "two"])] }),
    play: async (world) => void (await world.runToEnd(world.intent("expiring", "evt_expiring"))),
    end: { ...ROTATED, jobs: { "rotate (expiring)": ["rotated"] }, alerts: [] },
  },
  {
    name: "revoke first, with consumers",
    options: () => ({ consumers: [new MemoryConsumer("billing", ["one", "two"])] }),
    play: exposureIn,
    end: { ...ROTATED, jobs: { "revoke-first (exposed)": ["rotated"] }, alerts: ["exposure-handled"] },
  },
  {
    name: "rollback, with consumers",
    options: () => ({ consumers: [new MemoryConsumer("billing", ["one", "two"])] }),
    before: untilRollback,
    play: (world) => world.runAll(),
    end: { ...ROTATED, jobs: { "rotate (expiring)": ["rotated"] }, alerts: [] },
  },
  ...[true, false].map(rolledBackByCheck),
  {
    name: "check that fails when it is too late for a rollback",
    options: () => ({ graceSeconds: 5 * 60, checks: [new MemoryCheck("errors", "rollback")] }),
    play: failsAtOnce,
    end: {
      ...ROTATED,
      jobs: { "rotate (expiring)": ["rotated"] },
      alerts: ["check-failed", "check-unwatched"],
      // A worker that wakes up when all is over looks once more.
      mayAlert: ["check-good-again"],
    },
  },
  {
    name: "counter-rotation",
    before: async (world) => void (await world.thief()),
    async play(world) {
      world.jobs.add(world.countering());
      await world.runAll();
    },
    end: {
      ...ROTATED,
      jobs: { "revoke-first (foreign-rotation)": ["rotated"] },
      alerts: ["exposure-handled"],
    },
  },
  {
    name: "exposure handled gracefully",
    options: { policy: { onExposure: "graceful" } },
    play: exposureIn,
    end: { ...ROTATED, jobs: { "revoke-first (exposed)": ["rotated"] }, alerts: ["exposure-handled"] },
  },
  {
    name: "two graceful intents inside one grace",
    before: untilGrace,
    async play(world) {
      world.jobs.add(await world.asksForRotation());
      await world.runAll();
    },
    end: {
      ...ROTATED,
      jobs: { "rotate (expiring)": ["rotated", "met-already"], "rotate (manual)": ["rotated"] },
      alerts: [],
    },
  },
];
