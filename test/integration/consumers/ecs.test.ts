/** Deployments of services in Amazon ECS: what is proved, what is begun twice, and what people are told to do. */
import { describe, expect, it } from "vitest";
import { CLUSTER } from "../../support/consumers/ecs-fake.ts";
import { EcsPlace } from "../../support/consumers/ecs-place.ts";
import { FakeCredentials } from "../../support/stores/aws-signature.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const SWITCH_OVER = {
  id: "sw_1",
  keyName: "billing",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};
const NEXT = { ...SWITCH_OVER, id: "sw_2" };

describe("a deployment in ECS", () => {
  it("is proved once it is complete and no task that began before it runs; those that do are named", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    const [first, second] = service.primary.tasks;
    expect(await consumer.notify(SWITCH_OVER)).toBe("told");
    expect(await consumer.observe(SWITCH_OVER)).toMatchObject({
      state: "under-way",
      instances: [
        { id: "web", state: "lagging", says: "2 former tasks still run" },
        { id: first, state: "lagging", says: "runs with the former secret" },
        { id: second, state: "lagging" },
      ],
    });
    service.roll(1);
    const { instances } = await consumer.observe(SWITCH_OVER);
    expect(instances.map(({ id }) => id)).toEqual(["web", second]);
    service.roll(1);
    expect(await consumer.observe(SWITCH_OVER)).toMatchObject({
      state: "proved",
      instances: [{ id: "web", state: "switched", says: "2 tasks" }],
      says: "1 of 1 service has rolled out.",
    });
  });

  it("is waited for until ECS calls it steady, also where ECS tells no state", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    service.roll();
    service.primary.rolloutState = "IN_PROGRESS";
    expect((await consumer.observe(SWITCH_OVER)).instances[0]?.says).toBe(
      "2 of 2 tasks running, 0 pending, not steady yet",
    );
    service.tellsNoState = true;
    service.pending = 1;
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("under-way");
    service.pending = 0;
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("is as good where somebody else began it after the switch-over was remembered", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    place.ecs.denied.add("ecs:UpdateService");
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow(
      "may not ecs:UpdateService on the service web",
    );
    place.ecs.denied.clear();
    service.force();
    await consumer.notify(SWITCH_OVER);
    expect(service.forced).toBe(1);
    service.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("is not taken for that of an earlier switch-over, nor for one that ran before", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    service.force();
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    expect(service.forced).toBe(2);
    service.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
    expect((await consumer.observe(NEXT)).instances[0]?.says).toBe("was not told yet");
    await consumer.notify(NEXT);
    expect((await consumer.observe(NEXT)).state).toBe("under-way");
    expect(service.forced).toBe(3);
  });

  it("is begun once though the process died before it could remember", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const records = memoryRecords();
    const dying = {
      ...records,
      putIfAbsent: async (kind: string, id: string, value: string[] | boolean) => {
        if (kind === "ecs-deployment-begun") throw new Error("killed");
        return records.putIfAbsent(kind, id, value);
      },
    } as typeof records;
    await expect(place.consumer({}, dying).notify(SWITCH_OVER)).rejects.toThrow("killed");
    await place.consumer({}, records).notify(SWITCH_OVER);
    expect(service.forced).toBe(1);
    service.roll();
    expect((await place.consumer({}, records).observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("is begun once more, and no more, where the records are lost", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    await place.consumer().notify(SWITCH_OVER);
    const records = memoryRecords();
    for (let time = 0; time < 3; time += 1) await place.consumer({}, records).notify(SWITCH_OVER);
    expect(service.forced).toBe(2);
  });

  it("lags with ECS's words where its circuit breaker opens", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    service.fail();
    service.say("(service web) was unable to place a task.");
    const { instances } = await consumer.observe(SWITCH_OVER);
    expect(instances[0]).toMatchObject({
      state: "lagging",
      says: "its new deployment failed; ECS deployment circuit breaker: tasks failed to start.; (service web) was unable to place a task.",
    });
  });

  it("lags where ECS rolls it back, and is not begun again", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    service.fail();
    service.rollBack();
    await consumer.notify(SWITCH_OVER);
    expect(service.forced).toBe(1);
    service.primary.rolloutState = "COMPLETED";
    const { state, instances } = await consumer.observe(SWITCH_OVER);
    expect(state).toBe("under-way");
    expect(instances[0]?.says).toMatch(/^runs its former deployment: ECS has rolled the new one back/);
    // A person mends the application and deploys it: that is as good.
    service.force();
    service.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("is proved for a service that is scaled to zero: nothing holds the key", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    service.scale(0);
    service.roll();
    expect((await consumer.observe(SWITCH_OVER)).instances).toEqual([
      { id: "web", state: "switched", says: "scaled to zero: nothing holds the key" },
    ]);
  });

  it("is looked at for more services than one call takes", async () => {
    await using place = await EcsPlace.open();
    const services = Array.from({ length: 23 }, (_, index) => place.ecs.add(`web-${index}`));
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    expect(place.ecs.calls.filter((call) => call === "DescribeServices")).toHaveLength(3);
    for (const service of services) service.roll();
    expect((await consumer.observe(SWITCH_OVER)).says).toBe("23 of 23 services have rolled out.");
  });

  it("names 20 tasks at most", async () => {
    await using place = await EcsPlace.open();
    place.ecs.add("web", 50);
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    const { instances, says } = await consumer.observe(SWITCH_OVER);
    expect(instances).toHaveLength(21);
    expect(says).toBe("0 of 1 service has rolled out; not every task that lags is named.");
  });
});

describe("trouble with ECS", () => {
  it("keeps no other service from being told, and names the permission that is missing", async () => {
    await using place = await EcsPlace.open();
    const [first, second, third] = ["a", "b", "c"].map((name) => place.ecs.add(name));
    place.ecs.denied.add("ecs:UpdateService/b");
    const consumer = place.consumer();
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow(
      /^consumer billing is closed to this process, which may not ecs:UpdateService on the service b \(UpdateService: AccessDeniedException, status 400, request id [\w-]+\): allow it; `npm run rotator -- check` prints the policy$/,
    );
    expect([first, second, third].map((service) => service?.forced)).toEqual([1, 0, 1]);
    place.ecs.denied.clear();
    await consumer.notify(SWITCH_OVER);
    expect([first, second, third].map((service) => service?.forced)).toEqual([1, 1, 1]);
  });

  it.each(["ecs:DescribeServices", "ecs:ListTasks"])("proves nothing without %s", async (permission) => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    await consumer.notify(SWITCH_OVER);
    service.roll();
    place.ecs.denied.add(permission);
    await expect(consumer.observe(SWITCH_OVER)).rejects.toThrow(
      `may not ${permission} on the cluster ${CLUSTER}`,
    );
  });

  it.each([
    ["was deleted", (place: EcsPlace) => void place.ecs.services.delete("web")],
    [
      "is being deleted",
      (place: EcsPlace) => void Object.assign(place.ecs.services.get("web") ?? {}, { status: "DRAINING" }),
    ],
  ])("says which service %s, and tells the others", async (_, spoil) => {
    await using place = await EcsPlace.open();
    place.ecs.add("web");
    const other = place.ecs.add("worker");
    const consumer = place.consumer();
    spoil(place);
    const words = "consumer billing has no service web (MISSING or not ACTIVE): correct services";
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow(words);
    expect(other.forced).toBe(1);
    await expect(consumer.observe(SWITCH_OVER)).rejects.toThrow(words);
  });

  it("says that the deployments of a service are not made by ECS", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    service.controller = "CODE_DEPLOY";
    const consumer = place.consumer();
    const words = "the deployments of the service web are made by CODE_DEPLOY, not by ECS";
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow(words);
    expect(service.forced).toBe(0);
  });

  it("says that the cluster is another", async () => {
    await using place = await EcsPlace.open();
    place.ecs.add("web");
    await expect(place.consumer({ cluster: "staging" }).notify(SWITCH_OVER)).rejects.toThrow(
      "consumer billing has no cluster staging (DescribeServices: ClusterNotFoundException",
    );
  });

  it("is tried again where AWS asks for patience, and given up in time", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    place.ecs.throttles = 2;
    await place.consumer().notify(SWITCH_OVER);
    expect(service.forced).toBe(1);
    place.ecs.throttles = 99;
    const attempt = place.consumer().notify(NEXT);
    await expect(attempt).rejects.toMatchObject({ effect: "none", retry: "later" });
    await expect(attempt).rejects.toThrow("was asked for too often");
  });

  it("is got over with credentials that were renewed", async () => {
    await using place = await EcsPlace.open();
    const service = place.ecs.add("web");
    const consumer = place.consumer();
    await consumer.observe(SWITCH_OVER);
    const { accessKeyId, secretAccessKey } = new FakeCredentials().longLived();
    process.env["AWS_ACCESS_KEY_ID"] = accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey;
    const stranger = place.consumer();
    await expect(stranger.notify(SWITCH_OVER)).rejects.toThrow("AWS refuses the credentials of this process");
    place.ecs.signIn();
    await stranger.notify(SWITCH_OVER);
    expect(service.forced).toBe(1);
  });
});
