/** Keys that cannot rotate themselves, each with its right end. */
import type { Scenario } from "./play.ts";
import { HOUR_MS, type World } from "./world.ts";

async function exposedAndRevoked(world: World): Promise<void> {
  for (const work of await world.exposed({ action: "revoked" })) world.jobs.add(work);
  await world.runAll();
}

/** The former key is revoked once its overlap is over, and Paddle says so. */
async function revokesFormer(world: World, after: number): Promise<void> {
  await world.runAll(world.clock.now() + after);
  for (const work of await world.revokedByUser(world.keyId)) world.jobs.add(work);
  await world.runAll();
}

/** Either job may be the first to get there. */
const EXPOSED_AND_REVOKED = {
  "revoke-first (exposed)": ["switched", "replaced"],
  "replace (revoked)": ["replaced", "switched"],
};

export const REPLACEMENTS: readonly Scenario[] = [
  {
    name: "exposed and revoked, standby elsewhere",
    options: { standby: "elsewhere" },
    play: exposedAndRevoked,
    end: { active: "standby, living", left: [], jobs: EXPOSED_AND_REVOKED, alerts: ["standby-used"] },
  },
  {
    name: "exposed and revoked, standby in the same store",
    options: { standby: "same-store" },
    play: exposedAndRevoked,
    end: {
      active: "standby made new, living",
      left: [],
      jobs: EXPOSED_AND_REVOKED,
      alerts: ["standby-used"],
    },
  },
  {
    name: "exposed and revoked, without standby: a person brings a key",
    async play(world) {
      await exposedAndRevoked(world);
      world.jobs.add(await world.bringsKey());
      await world.runAll();
    },
    end: {
      active: "brought key, living",
      left: [],
      jobs: {
        "revoke-first (exposed)": ["needs-person"],
        "replace (revoked)": ["needs-person"],
        "replace (manual)": ["switched"],
      },
      alerts: ["key-exposed", "key-works"],
    },
  },
  {
    name: "exposed and not rotatable, with a standby: a person revokes",
    options: { key: { rotatable: false }, standby: "elsewhere" },
    async play(world) {
      const [exposure] = await world.exposed({ action: "none" });
      world.jobs.add(exposure);
      await revokesFormer(world, 60_000);
    },
    end: {
      active: "standby, living",
      left: [],
      jobs: EXPOSED_AND_REVOKED,
      alerts: ["standby-used", "former-key-lives", "former-key-ended"],
    },
  },
  {
    name: "a living key is replaced by a person's, with an overlap",
    options: { policy: { overlapMs: HOUR_MS } },
    async play(world) {
      world.jobs.add(await world.bringsKey());
      await revokesFormer(world, 3 * HOUR_MS);
    },
    end: {
      active: "brought key, living",
      left: [],
      jobs: { "replace (manual)": ["switched"], "replace (revoked)": ["replaced"] },
      alerts: ["former-key-lives", "former-key-ended"],
    },
  },
  {
    name: "the standby is exposed in a store of its own",
    options: { standby: "elsewhere" },
    async play(world) {
      const keyId = world.standbyKeyId ?? "";
      for (const work of await world.exposed({ action: "none", keyId })) world.jobs.add(work);
      await world.runAll();
    },
    end: {
      active: "first secret, living",
      left: ["standby elsewhere"],
      jobs: { "revoke-first (exposed)": ["rotated"] },
      alerts: ["exposure-handled"],
    },
  },
  {
    name: "expired, with a standby",
    options: { standby: "elsewhere" },
    async play(world) {
      for (const work of await world.expired()) world.jobs.add(work);
      await world.runAll();
    },
    end: {
      active: "standby, living",
      left: [],
      jobs: { "replace (expired)": ["switched"] },
      alerts: ["standby-used"],
    },
  },
  {
    name: "revoked by a user and reactivated",
    async play(world) {
      for (const work of await world.revokedByUser()) world.jobs.add(work);
      await world.runAll(world.clock.now() + 10 * 60_000);
      await world.reactivated();
      await world.runAll();
    },
    end: {
      active: "first secret, living",
      left: [],
      jobs: { "replace (revoked)": ["reactivated"] },
      alerts: ["key-revoked", "key-reactivated", "key-works"],
    },
    lateMs: 20 * 60_000,
  },
  {
    name: "revoked by a user and not reactivated: a person brings a key",
    async play(world) {
      for (const work of await world.revokedByUser()) world.jobs.add(work);
      await world.runAll();
      world.jobs.add(await world.bringsKey());
      await world.runAll();
    },
    end: {
      active: "brought key, living",
      left: [],
      jobs: { "replace (revoked)": ["needs-person"], "replace (manual)": ["switched"] },
      alerts: ["key-revoked", "key-revoked", "key-works"],
    },
  },
];
