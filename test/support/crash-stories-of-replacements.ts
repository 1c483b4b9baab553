/** Keys that cannot rotate themselves, and another one that takes their place. */
import { bringsKey, happensOnce, says, sees } from "./crash-people.ts";
import { recordsOf } from "./crash-end.ts";
import { neverDead } from "./crash-consumers.ts";
import type { Story } from "./crash-story.ts";
import type { World } from "./engine/world.ts";

const DAY_MS = 86_400_000;
/** The policy's default, which the sites have. */
const OVERLAP = { policy: { overlapMs: DAY_MS } };
const PERMISSIONS = ["transaction.read", "notification.read"];

async function exposed(world: World, action: "none" | "revoked"): Promise<void> {
  const [exposure] = await world.exposed({ action });
  world.jobs.add(exposure);
}

async function addAll(world: World, works: ReturnType<World["expired"]>): Promise<void> {
  for (const work of await works) world.jobs.add(work);
  await world.runAll(world.clock.now() + 60_000);
}

const STANDBY_USED = {
  active: "standby, living",
  left: [],
  activated: 0,
  alerts: ["standby-used"],
};

/** The sweep at start may find the dead key before the killed job goes on. */
const BY_SWEEP = ["rotation: switched"];

export const REPLACEMENTS: readonly Story[] = [
  {
    name: "expired, with a standby",
    site: { standby: true, standbyPermissions: PERMISSIONS, events: ["api_key.expired"] },
    struck: ["replace (expired)"],
    play: happensOnce(({ paddle, key }) => paddle.expireNow(key.id)),
    inMemory: {
      options: { standby: "elsewhere", ...OVERLAP },
      play: async (world) => addAll(world, world.expired()),
    },
    // The steps are those of the next story.
    sample: [6, 7, 9],
    always: [7, 9],
    onPostgres: 7,
    end: { ...STANDBY_USED, records: ["replacement: switched"] },
    orRecords: [BY_SWEEP],
  },
  {
    name: "exposed and revoked, with a standby",
    site: { standby: true, standbyPermissions: PERMISSIONS, events: ["api_key_exposure.created"] },
    struck: ["revoke-first (exposed)"],
    play: happensOnce(({ paddle, key }) => paddle.expose(key.id)),
    inMemory: {
      options: { standby: "elsewhere", ...OVERLAP },
      play: async (world) => {
        await exposed(world, "revoked");
        await world.runAll();
      },
    },
    // That only is looked and asked, and what is kept for an auditor, is as in any other story.
    sample: [0, 3, 5, 6, 7, 8, 10, 14],
    always: [8, 10],
    onPostgres: 8,
    end: { ...STANDBY_USED, records: ["exposure: switched"] },
    orRecords: [["exposure: replaced", ...BY_SWEEP]],
  },
  {
    name: "exposed and not rotatable, with a standby",
    site: {
      standby: true,
      standbyPermissions: PERMISSIONS,
      rotatable: false,
      events: ["api_key_exposure.created"],
    },
    struck: ["revoke-first (exposed)"],
    play: happensOnce(({ paddle, key }) => {
      paddle.expose(key.id, { riskLevel: "low" });
    }),
    inMemory: {
      options: { standby: "elsewhere", key: { rotatable: false }, ...OVERLAP },
      play: async (world) => {
        await exposed(world, "none");
        await world.runAll(world.clock.now() + 60_000);
      },
    },
    // As above up to the choice of the standby.
    sample: [5, 6, 8, 9, 11],
    always: [6, 8],
    onPostgres: 6,
    end: { ...STANDBY_USED, left: ["old"], records: [], alerts: ["former-key-lives", "standby-used"] },
    forbids: neverDead,
  },
  {
    name: "a living key is replaced by a person's, and revoked by them",
    site: { events: ["api_key.revoked"] },
    struck: ["api", "replace (manual)", "replace (revoked)"],
    play(site) {
      const brings = bringsKey(site, PERMISSIONS);
      const { paddle, key } = site;
      return async (service) => {
        await brings(service);
        const isReplaced = await says(site, service, "The former key lives beside the new one");
        if (!isReplaced) return;
        if (paddle.key(key.id).status === "active") paddle.revoke(key.id, { by: "user" });
        // Nobody may have listened: Paddle tells it again.
        else paddle.clock.advance(61_000);
      };
    },
    api: ["store.write"],
    inMemory: {
      options: OVERLAP,
      async play(world) {
        world.jobs.add(await world.bringsKey());
        await world.runAll(world.clock.now() + 60_000);
        await addAll(world, world.revokedByUser(world.keyId));
      },
    },
    sample: [0, 3, 4, 5, 9, 11, 12, 17],
    always: [5, 12],
    onPostgres: 5,
    end: {
      active: "brought key, living",
      left: [],
      activated: 0,
      records: ["replacement: replaced"],
      alerts: [],
    },
    // A killed job goes on, then the person revokes.
    endsWithinMs: 30_000,
    // What the person asked for is on record when its overlap is over; the revocation found nothing left to do.
    orRecords: [[]],
    forbids: neverDead,
  },
  {
    name: "exposed and revoked, without standby, and a person brings a key",
    site: { events: ["api_key_exposure.created"] },
    struck: ["revoke-first (exposed)"],
    play(site) {
      const exposes = happensOnce(({ paddle, key }) => paddle.expose(key.id))(site);
      const brings = bringsKey(site, PERMISSIONS);
      let isPaged = false;
      return async (service) => {
        await exposes(service);
        isPaged ||= await sees(service, "the job waits for a person", async () =>
          (await recordsOf(service)).includes("exposure: needs-person"),
        );
        if (isPaged) await brings(service);
      };
    },
    inMemory: {
      options: OVERLAP,
      async play(world) {
        await exposed(world, "revoked");
        await world.runAll();
      },
    },
    // How the brought key is checked and promoted: see the story above. Between 4 and 8, who is first to find it is chance.
    sample: [0, 1, 3, 4, 8],
    always: [1, 4],
    onPostgres: 4,
    end: {
      active: "brought key, living",
      left: [],
      activated: 0,
      records: ["exposure: needs-person", "replacement: switched"],
      alerts: ["key-exposed", "key-works"],
    },
    // A killed job goes on, then the person brings the key.
    endsWithinMs: 30_000,
    // The killed job and the sweep may find the key in the standby's slot before the job that it was brought for.
    mayAlert: ["standby-used"],
    orRecords: [
      ["exposure: needs-person", "replacement: switched", "rotation: needs-person"],
      ["exposure: needs-person", "rotation: switched"],
      ["exposure: replaced", "replacement: switched"],
      ["exposure: replaced", "rotation: switched"],
      ["exposure: switched"],
    ],
  },
];
