/** Rotations that nobody here asked for: AWS's own are followed, and those of anybody else are not taken for them. */
import { afterEach, expect, it } from "vitest";
import { endOf } from "../../support/engine/ends.ts";
import { ManagedPlace } from "../../support/engine/managed-place.ts";
import { Outside } from "../../support/engine/outside.ts";
import { DAY_MS, HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";

const MINUTE_MS = 60_000;
const places: ManagedPlace[] = [];

afterEach(async () => {
  for (const place of places.splice(0)) {
    expect(place.writes).toEqual([]);
    await place[Symbol.asyncDispose]();
  }
});

async function open(options: Omit<WorldOptions, "store"> = {}) {
  const place = await ManagedPlace.open();
  places.push(place);
  const billing = new MemoryConsumer("billing", ["pod-1"]);
  const world = new World({ consumers: [billing], ...options, ...place.options });
  place.join(world);
  await world.store.read();
  await world.clock.advance(HOUR_MS);
  const outside = new Outside(world);
  /** Paddle's webhooks come, and what they ask for is done. */
  const webhooks = async (minutes: number) => {
    for (const work of outside.news()) outside.accept(work);
    await world.runAll(world.clock.now() + minutes * MINUTE_MS);
  };
  return { place, world, billing, outside, webhooks };
}

const results = ({ jobs }: World, job: string) =>
  jobs.all
    .filter(({ work }) => work.job === job)
    .map(({ outcome }) => (outcome?.kind === "done" ? outcome.result : outcome?.kind));

it("takes AWS's own rotation for no attack, and has consumers told of it", async () => {
  const { place, world, billing, webhooks } = await open();
  await place.rotatesByItself(300);
  await webhooks(2);
  expect(results(world, "inspect")).toEqual(["ours", "ours"]);
  expect(world.jobs.all[0]?.outcome).toMatchObject({
    summary: expect.stringContaining("AWS's own rotation"),
  });
  await world.store.read();
  expect(billing.told.map(({ fingerprint }) => fingerprint)).toEqual([
    world.store.slots.active?.secret.fingerprint(),
  ]);
  await world.runAll();
  expect(endOf(world)).toEqual({
    active: "new secret, living",
    left: ["old"],
    jobs: { "inspect (foreign-rotation)": "ours", "rotate (resume)": "followed" },
    alerts: [],
  });
  expect(place.graces).toEqual([]);
});

it("tells consumers of AWS's own rotation that left no grace", async () => {
  const { place, billing, webhooks, world } = await open();
  await place.rotatesByItself(0);
  await webhooks(2);
  await world.store.read();
  expect(billing.told.at(-1)?.fingerprint).toBe(world.store.slots.active?.secret.fingerprint());
});

it("waits with the judgement of AWS's own rotation until AWS has moved its labels", async () => {
  const { place, world, webhooks } = await open();
  place.aws.hangsAt = "finish";
  await place.rotatesByItself(300);
  await webhooks(2);
  expect(results(world, "inspect")).toEqual(["wait", "wait"]);
  place.aws.hangsAt = null;
  const pending = place.secret.holder("AWSPENDING")?.id ?? "";
  place.secret.relabel("AWSCURRENT", place.secret.holder("AWSCURRENT")?.id, pending);
  place.secret.relabel("AWSPENDING", pending, undefined);
  await world.runAll();
  expect(endOf(world)).toMatchObject({ jobs: { "rotate (resume)": "followed" }, alerts: [] });
});

it("tells a person of AWS's own rotation that is stuck, and how to free it", async () => {
  const { place, world, webhooks } = await open();
  place.aws.hangsAt = "set";
  await place.rotatesByItself(300);
  await webhooks(20);
  expect(world.alerts).toMatchObject([
    {
      kind: "platform-stuck",
      action: expect.stringMatching(
        /--version-stage AWSPENDING --remove-from-version-id .*Then rotate it: npm run rotator -- rotate billing/,
      ),
    },
  ]);
});

it("takes no rotation of somebody else for AWS's own, be it a minute after one", async () => {
  const { place, world, webhooks } = await open();
  await place.rotatesByItself(300);
  await webhooks(1);
  await world.thief({ activate: true, graceSeconds: 3600 });
  await webhooks(1);
  expect(endOf(world).alerts).toEqual(["takeover"]);
});

it("answers somebody else's rotation through AWS, where the policy has it", async () => {
  const { place, world, webhooks } = await open({ policy: { foreignRotation: "counter" } });
  await world.thief({ activate: false });
  await webhooks(5);
  expect(place.graces).toEqual(["0"]);
  expect(results(world, "revoke-first")).toEqual(["rotated"]);
  expect(endOf(world).active).toBe("new secret, living");
});

it("sweeps at any moment of AWS's rotation without taking the store for a restored one", async () => {
  for (const step of ["create", "set", "test", "finish"] as const) {
    const { place, world, outside } = await open({
      key: { expiresAt: null },
      policy: { everyMs: 60 * DAY_MS },
    });
    await outside.sweep();
    place.aws.hangsAt = step;
    await place.rotatesByItself(3600);
    await outside.sweep();
    await world.runAll(world.clock.now() + MINUTE_MS);
    expect(world.alerts).toEqual([]);
  }
});

it("finds AWS's own rotation in the sweep where no webhook tells of it", async () => {
  const { place, world, outside, billing } = await open({
    key: { expiresAt: null },
    policy: { everyMs: 60 * DAY_MS },
  });
  await outside.sweep();
  await place.rotatesByItself(3600);
  await outside.sweep();
  await world.runAll();
  expect(endOf(world)).toMatchObject({ jobs: { "rotate (resume)": "followed" }, alerts: [] });
  expect(billing.told).toHaveLength(1);
  // AWSPREVIOUS stays; nothing is found in it again.
  await outside.sweep();
  await world.runAll();
  expect(world.jobs.all).toHaveLength(1);
});

it("has consumers told of a key that a person put there", async () => {
  const { place, world, outside, billing } = await open({ standby: "elsewhere" });
  place.put(world.standbySecret ?? "");
  await outside.sweep();
  await world.runAll(world.clock.now() + MINUTE_MS);
  expect(billing.told.at(-1)?.fingerprint).toBe(world.store.slots.active?.secret.fingerprint());
});
