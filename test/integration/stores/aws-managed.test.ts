/** A key that AWS rotates: the rotator asks for it, follows, and goes on with consumers and proof. */
import { afterEach, expect, it } from "vitest";
import type { Work } from "../../../src/core/work.ts";
import { createKey } from "../../support/paddle-simulator/account/dashboard.ts";
import { ManagedPlace } from "../../support/engine/managed-place.ts";
import { endOf } from "../../support/engine/ends.ts";
import { HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";

const MINUTE_MS = 60_000;
const places: ManagedPlace[] = [];

afterEach(async () => {
  for (const place of places.splice(0)) {
    expect(place.writes).toEqual([]);
    await place[Symbol.asyncDispose]();
  }
});

async function open(
  options: Omit<WorldOptions, "store"> = {},
): Promise<{ place: ManagedPlace; world: World }> {
  const place = await ManagedPlace.open();
  places.push(place);
  const world = new World({ ...options, ...place.options });
  place.join(world);
  await world.store.read();
  // Some time after a person has put the key there.
  await world.clock.advance(HOUR_MS);
  return { place, world };
}

const told = ({ alerts }: World, kind: string) => alerts.filter((alert) => alert.kind === kind);
const forMinutes = (world: World, minutes: number) => world.runAll(world.clock.now() + minutes * MINUTE_MS);

async function exposure(world: World): Promise<Work> {
  const [work] = await world.exposed({ action: "none" });
  world.jobs.add(work);
  return work;
}

it("is rotated by AWS with the policy's grace, consumers first, and proved", async () => {
  const billing = new MemoryConsumer("billing", ["pod-1"]);
  const { place, world } = await open({ graceSeconds: 3600, consumers: [billing] });
  const startedAt = world.clock.now();
  await world.runToEnd(await world.asksForRotation());
  expect(endOf(world)).toEqual({
    active: "new secret, living",
    left: ["old"],
    jobs: { "rotate (manual)": "rotated" },
    alerts: [],
  });
  expect(place.graces).toEqual(["3600"]);
  expect(billing.told.map(({ fingerprint }) => fingerprint)).toEqual([
    world.store.slots.active?.secret.fingerprint(),
  ]);
  expect(world.clock.now() - startedAt).toBeGreaterThan(HOUR_MS);
  // In its grace the old secret was asked nothing: its use would look like that of an application.
  expect(world.isAlive(world.store.slots.old?.secret)).toBe(false);
});

it("is rotated without a grace once it is exposed, within seconds", async () => {
  const { place, world } = await open();
  const work = await exposure(world);
  const startedAt = world.clock.now();
  await world.runToEnd(work);
  expect(endOf(world)).toMatchObject({
    active: "new secret, living",
    jobs: { "revoke-first (exposed)": "rotated" },
    alerts: ["exposure-handled"],
  });
  expect(place.graces).toEqual(["0"]);
  expect(world.clock.now() - startedAt).toBeLessThan(10_000);
  const [job] = world.jobs.all;
  expect(Object.keys(job?.journal.facts ?? {})).toEqual(
    expect.arrayContaining(["askedPlatform", "promoted", "formerDied"]),
  );
});

it("answers an exposure in the middle of AWS's own rotation with another one, once that is over", async () => {
  const { place, world } = await open();
  place.aws.hangsAt = "create";
  await place.rotatesByItself(3600);
  await exposure(world);
  await forMinutes(world, 1);
  expect(place.graces).toEqual([]);
  place.aws.hangsAt = null;
  await place.goesOn();
  await forMinutes(world, 5);
  expect(place.graces).toEqual(["0"]);
  // The exposed secret lives on in the grace of AWS's own rotation, in no slot.
  expect(told(world, "exposed-secret-lives")).toHaveLength(1);
  expect(world.jobs.all[0]?.outcome?.kind).toBe("wait");
  await world.runAll();
  expect(world.isAlive(world.store.slots.old?.secret)).toBe(false);
  expect(endOf(world).jobs).toEqual({ "revoke-first (exposed)": "rotated" });
});

it("waits while two rotations are asked for, and makes one of them", async () => {
  const { place, world } = await open({ graceSeconds: 60 });
  world.jobs.add(await world.asksForRotation());
  const second = await world.asksForRotation();
  world.jobs.add({ ...second, intent: { ...second.intent, requestedAt: second.intent.requestedAt - 1000 } });
  await world.runAll();
  expect(place.graces).toHaveLength(1);
});

it.each(["create", "set", "test"] as const)(
  "goes on by itself once a person has freed AWS, stuck at %s, by the command in the alert",
  async (step) => {
    const { place, world } = await open({ graceSeconds: 60 });
    place.aws.hangsAt = step;
    world.jobs.add(await world.asksForRotation());
    await forMinutes(world, 14);
    expect(told(world, "platform-stuck")).toEqual([]);
    await forMinutes(world, 4);
    expect(told(world, "platform-stuck")).toMatchObject([{ severity: "warning" }]);
    place.aws.hangsAt = null;
    place.run(told(world, "platform-stuck")[0]?.action ?? "");
    await world.runAll();
    expect(endOf(world)).toMatchObject({
      active: "new secret, living",
      jobs: { "rotate (manual)": "rotated" },
      alerts: ["platform-stuck", "platform-freed"],
    });
    expect(place.graces).toEqual(["60", "60", "60"].slice(0, place.graces.length));
  },
);

it("has a person finish what AWS began where only the unfinished secret still works", async () => {
  const { place, world } = await open();
  place.aws.hangsAt = "finish";
  await exposure(world);
  await forMinutes(world, 20);
  const [stuck] = told(world, "platform-stuck");
  expect(stuck).toMatchObject({ severity: "critical", action: expect.stringContaining("AWSCURRENT") });
  place.run(stuck?.action ?? "");
  await world.runAll();
  expect(endOf(world)).toMatchObject({
    active: "new secret, living",
    jobs: { "revoke-first (exposed)": "rotated" },
    alerts: ["platform-stuck", "platform-freed", "exposure-handled"],
  });
  expect(place.graces).toHaveLength(1);
});

it("asks for another key once Paddle has revoked this one, and goes on when a person has put it there", async () => {
  const billing = new MemoryConsumer("billing", ["pod-1"]);
  const { place, world } = await open({ consumers: [billing] });
  const works = await world.exposed({ action: "revoked" });
  for (const work of works) world.jobs.add(work);
  await forMinutes(world, 10);
  // Two events, one incident.
  expect(endOf(world).alerts).toEqual(["platform-needs-key"]);
  expect(told(world, "platform-needs-key")[0]).toMatchObject({
    severity: "critical",
    action: expect.stringContaining(
      "aws secretsmanager put-secret-value --secret-id prod/paddle --region eu-west-1 --secret-string file://key.json",
    ),
  });
  place.put(createKey(world.account).current);
  await world.runAll();
  expect(endOf(world)).toMatchObject({
    active: "brought key, living",
    jobs: { "revoke-first (exposed)": "switched", "replace (revoked)": "switched" },
  });
  expect(endOf(world).alerts).toContain("platform-has-key");
  expect(billing.told.at(-1)?.fingerprint).toBe(world.store.slots.active?.secret.fingerprint());
  expect(place.graces).toEqual([]);
});

it("names the standby that lies ready elsewhere, and takes it out of there once it is in use", async () => {
  const { place, world } = await open({ standby: "elsewhere" });
  world.jobs.add((await world.expired())[0]);
  await forMinutes(world, 1);
  expect(told(world, "platform-needs-key")[0]?.action).toContain(
    `Take the standby ${world.standbyKeyId}, which is ready in memory`,
  );
  place.put(world.standbySecret ?? "");
  await world.runAll();
  expect(endOf(world)).toMatchObject({
    active: "standby, living",
    jobs: { "replace (expired)": "switched" },
  });
  expect(world.standbyStore?.slots.standby).toBeNull();
});

it("asks for another key before this one expires, once for an expiry, for AWS's rotation puts it off by nothing", async () => {
  const { place, world } = await open();
  world.jobs.add(world.intent("expiring", "evt_1"));
  world.jobs.add(world.intent("expiring", "evt_2"));
  await forMinutes(world, 60);
  expect(world.alerts).toMatchObject([
    { kind: "platform-needs-key", happened: expect.stringContaining("in 5d 2") },
  ]);
  expect(place.graces).toEqual([]);
  await place.rotatesByItself(60);
  await forMinutes(world, 60);
  expect(world.alerts).toHaveLength(1);
  place.put(createKey(world.account).current);
  await forMinutes(world, 60);
  // The former key lives beside it until a person revokes it.
  expect(endOf(world).alerts).toContain("former-key-lives");
});

it("stands down when a revoked key is brought back", async () => {
  const { world } = await open();
  world.jobs.add((await world.revokedByUser())[0]);
  await forMinutes(world, 5);
  await world.reactivated();
  await world.runAll();
  expect(endOf(world)).toMatchObject({
    active: "first secret, living",
    jobs: { "replace (revoked)": "reactivated" },
    alerts: ["platform-needs-key", "key-reactivated", "platform-has-key"],
  });
});

it("tells a person when its secrets leak again and again", async () => {
  const { place, world } = await open({ policy: { revokeFirstsPerHour: 1 } });
  await world.runToEnd(await exposure(world));
  await world.runToEnd(await exposure(world));
  expect(place.graces).toEqual(["0"]);
  expect(endOf(world).alerts).toContain("too-many-revoke-firsts");
});
