/** Exposures that meet a graceful rotation under way. */
import { neverBesideFormer } from "./crash-consumers.ts";
import { happensOnce, rotatesGracefully, sweepIsOver } from "./crash-people.ts";
import type { Play, Story } from "./crash-story.ts";
import type { World } from "./engine/world.ts";
import { stopGraceful } from "./engine/scenarios-of-rotations.ts";
import { EFFECTS } from "./engine/effects.ts";
import type { Site } from "./service.ts";

/** Longer than a killed job takes to go on. */
const GRACE_SECONDS = 30;

/** Up to the wait for the grace: which job sees its end first is chance. */
async function exposureIn(world: World): Promise<void> {
  const [exposure] = await world.exposed({ action: "none" });
  world.jobs.add(exposure);
  await world.runAll(world.clock.now() + 5_000);
}

async function untilGrace(world: World): Promise<void> {
  world.jobs.add(world.intent("expiring", "evt_expiring"));
  await world.runAll(world.clock.now() + 1_000);
}

/** A graceful rotation whose process has died. */
async function diesRotating(
  site: Site,
  strike: "dies before" | "dies after",
  index: number,
): Promise<Record<string, string>> {
  const env = { STRIKE: strike, STRIKE_AT: String(index), STRIKE_IN: "rotate (expiring)" };
  const service = await site.start({ entry: "test/support/killing-main.ts", env });
  await sweepIsOver(site, service);
  site.paddle.warnExpiring(site.key.id);
  await service.ended;
  return {};
}

const exposes = ({ paddle, key }: Site) => paddle.expose(key.id, { riskLevel: "low" });

const DURING_GRACE = {
  struck: ["revoke-first (exposed)"],
  play(site: Site): Play {
    let isInGrace = false;
    const exposed = happensOnce(exposes)(site);
    return async (service) => {
      isInGrace ||= await rotatesGracefully(site, service);
      await exposed(service);
    };
  },
  end: {
    active: "new secret, living",
    left: [],
    activated: 2,
    records: ["exposure: rotated"],
    alerts: ["exposed-secret-dead", "exposed-secret-lives", "exposure-handled"],
  },
  endsWithinMs: 60_000,
  forbids: neverBesideFormer,
};

export const EXPOSURES: readonly Story[] = [
  {
    ...DURING_GRACE,
    name: "exposed during a grace, old secrets stack",
    site: { graceSeconds: GRACE_SECONDS },
    inMemory: { options: { graceSeconds: GRACE_SECONDS }, before: untilGrace, play: exposureIn },
    // Up to the request it is a plain revoke-first; from there on there is one more secret to be asked about.
    sample: [4, 8, 12, 14, 16, 19, 21, 24],
    always: [8, 19],
    onPostgres: 15,
  },
  {
    ...DURING_GRACE,
    name: "exposed during a grace, old secrets end",
    site: { switches: { oldSecrets: "end-at-completion" }, graceSeconds: GRACE_SECONDS },
    inMemory: {
      options: { switches: { oldSecrets: "end-at-completion" }, graceSeconds: GRACE_SECONDS },
      before: untilGrace,
      play: exposureIn,
    },
    // As above up to the activation.
    sample: [8, 12, 18],
    always: [8, 12],
    onPostgres: 8,
    end: { ...DURING_GRACE.end, alerts: ["exposure-handled"] },
  },
  {
    ...DURING_GRACE,
    name: "exposed when a graceful rotation is staged and its process dead",
    site: { graceSeconds: GRACE_SECONDS },
    prepare: (site) => diesRotating(site, "dies after", EFFECTS.indexOf("store.write")),
    play: happensOnce(exposes),
    inMemory: {
      options: { graceSeconds: GRACE_SECONDS },
      before: (world) => stopGraceful(world, "paddle.ask", 2),
      play: exposureIn,
    },
    // What is new is that it issues over another rotation.
    sample: [1, 3, 5],
    always: [3, 5],
    onPostgres: 3,
    end: { ...DURING_GRACE.end, activated: 1, alerts: ["exposure-handled"] },
  },
  {
    ...DURING_GRACE,
    name: "exposed when a graceful rotation is activated and its process dead",
    site: { graceSeconds: GRACE_SECONDS },
    prepare: (site) =>
      diesRotating(site, "dies before", EFFECTS.lastIndexOf("store.write", EFFECTS.indexOf("queue.wait"))),
    play: happensOnce(exposes),
    inMemory: {
      options: { graceSeconds: GRACE_SECONDS },
      before: (world) => stopGraceful(world, "store.write", 2),
      play: exposureIn,
    },
    // What is new is that it settles the other rotation first.
    sample: [1, 2, 4],
    always: [2, 4],
    onPostgres: 2,
    // Its grace runs through two restarts, and may be over when the former secrets are asked about.
    end: { ...DURING_GRACE.end, alerts: ["exposure-handled"] },
    mayAlert: ["exposed-secret-dead", "exposed-secret-lives"],
  },
];
