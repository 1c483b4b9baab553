/** Rotations that are no plain ones: a rollback, its end, and the answer to somebody else's. */
import { asks, happensOnce, rotatesGracefully, says, sweepIsOver } from "./crash-people.ts";
import { neverBesideFormer, neverDead } from "./crash-consumers.ts";
import type { Story } from "./crash-story.ts";
import type { Work } from "../../src/core/work.ts";
import { tellAsked } from "../../src/rotation/rollback-record.ts";
import { resumeWork } from "../../src/core/resume-work.ts";
import { GRACE_SECONDS, type World } from "./engine/world.ts";
import type { RunningService } from "./service.ts";
import { pino } from "pino";

const GRACE_MS = GRACE_SECONDS * 1000;
/** From here on the newer secret is due, and the older one has four minutes left. */
const DOWN_FOR_MS = GRACE_MS - 4 * 60_000;

/** The older secret back, as people ask for it: again, if nobody answered; the answer is then that it is back. */
async function rollsBack(service: RunningService): Promise<boolean> {
  const status = await asks(service, "rollback", {});
  return status === 202 || status === 409;
}

const NO_MORE = { name: "billing", standbyStore: null, consumers: [], checks: [], standbyOf: null };

/** As the desk does it, with the job that ends it. */
async function rolledBack(world: World): Promise<void> {
  world.jobs.add(world.intent("expiring", "evt_expiring"));
  await world.runAll(world.clock.now() + 1_000);
  await world.rollsBack("ana");
  const { slots } = world.store;
  const [older, newer] = [slots.active, slots.old];
  if (!older || !newer) throw new Error("it was not rolled back");
  const now = world.clock.now();
  const about = {
    keyName: "billing",
    keyId: world.keyId,
    older,
    newer,
    at: now,
    endsAt: now,
    askedBy: "ana",
  };
  const key = { ...NO_MORE, store: world.store, policy: world.policy };
  const alerts = { raise: async () => {} };
  await Promise.all(
    tellAsked(key, about, { records: world.records, alerts, log: pino({ level: "silent" }) }),
  );
  world.jobs.add(resumeWork({ keyName: "billing", keyId: world.keyId, slots }, world.clock.now()));
}

/** Somebody else's rotation, and the webhook about it. */
async function foreignRotation(world: World): Promise<void> {
  await world.thief();
  const rotationId = world.key.rotations.at(-1)?.id ?? "";
  const intent = { id: "evt_foreign", kind: "foreign-rotation", requestedAt: world.clock.now() } as const;
  const inspected = { what: "rotation", rotationId } as const;
  const work: Work = {
    job: "inspect",
    keyName: "billing",
    keyId: world.keyId,
    intent,
    eventId: intent.id,
    inspected,
  };
  world.jobs.add(work);
  await world.runAll();
}

/** So says the job that ends it. */
const WAITS = "Rolled back to the older secret; the newer one comes back";

const ROTATED_IN_GRACE = { left: ["old"], activated: 1 };

const COUNTER = {
  site: { policy: "foreignRotation: counter" },
  play: happensOnce(({ paddle, key }) => void paddle.rotateAsThief(key.secret)),
  end: {
    active: "new secret, living",
    left: [],
    activated: 1,
    records: ["exposure: rotated"],
    alerts: ["exposure-handled", "foreign-rotation-countered"],
  },
  inMemory: { options: { policy: { foreignRotation: "counter" } }, play: foreignRotation },
  forbids: neverBesideFormer,
} as const;

export const ROTATIONS: readonly Story[] = [
  {
    name: "rolled back by a person",
    site: { graceSeconds: GRACE_SECONDS },
    struck: ["api", "rotate (resume)"],
    play(site) {
      let isAsked = false;
      let isRolledBack = false;
      return async (service) => {
        isAsked ||= await rotatesGracefully(site, service);
        isRolledBack ||= await rollsBack(service);
        if (isRolledBack) await says(site, service, WAITS);
      };
    },
    api: ["store.write"],
    // The job keeps the record itself where it is quicker than the desk.
    orPasses: [
      [
        "store.write",
        "paddle.ask",
        "queue.note",
        "records.append",
        "alerts.raise",
        "records.append",
        "records.putIfAbsent",
        "records.putIfAbsent",
        "queue.note",
        "queue.wait",
      ],
    ],
    // A rollback whose process dies before the answer is told and kept when the person asks again.
    sample: [0, 1, 4],
    always: [0, 1],
    inMemory: {
      play: async (world) => {
        await rolledBack(world);
        await world.runAll(world.clock.now() + 1_000);
      },
    },
    onPostgres: 0,
    end: {
      ...ROTATED_IN_GRACE,
      active: "first secret, living",
      records: ["rollback: rolled-back"],
      alerts: ["rolled-back"],
    },
    forbids: neverDead,
  },
  {
    name: "a rollback that ends while no process runs",
    site: { graceSeconds: GRACE_SECONDS },
    struck: ["rotate (resume)"],
    async prepare(site) {
      const service = await site.start();
      await sweepIsOver(site, service);
      await rotatesGracefully(site, service);
      await rollsBack(service);
      await says(site, service, WAITS);
      service.kill("SIGKILL");
      await service.ended;
      site.paddle.clock.advance(DOWN_FOR_MS);
      return { CLOCK_AHEAD_MS: String(DOWN_FOR_MS) };
    },
    isDueAtStart: true,
    play: () => async () => {},
    inMemory: {
      async before(world) {
        await rolledBack(world);
        await world.runAll(world.clock.now() + 1_000);
      },
      play: (world) => world.runAll(world.clock.now() + DOWN_FOR_MS),
    },
    always: [0, 3],
    onPostgres: 0,
    end: {
      ...ROTATED_IN_GRACE,
      active: "new secret, living",
      records: ["rollback: rolled-back"],
      alerts: ["rolled-back"],
    },
    forbids: neverDead,
  },
  {
    ...COUNTER,
    name: "counter-rotation, decided",
    struck: ["inspect (foreign-rotation)"],
    always: [0, 1],
    onPostgres: 1,
  },
  {
    ...COUNTER,
    name: "counter-rotation, made",
    struck: ["revoke-first (foreign-rotation)"],
    // From here on it is an exposure like any other; what is left of the thief's rotation ends with effect 4.
    sample: [0, 4, 6, 8, 14],
    always: [4, 8],
    onPostgres: 8,
    // A sweep may find what is staged, too.
    orRecords: [["exposure: nothing-left", "exposure: rotated"]],
  },
];
