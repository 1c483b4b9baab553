/** Roll-outs of workloads in a cluster: what is proved, who is named, and what people are told to do. */
import { describe, expect, it } from "vitest";
import { KubernetesPlace } from "../../support/consumers/kubernetes-place.ts";

const SWITCH_OVER = {
  id: "sw_1",
  keyName: "billing",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};
describe("a roll-out in Kubernetes", () => {
  it("is proved once no pod is left that began before it, not when the controller stops counting them", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "web");
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll();
    workload.add({ name: "web-old", revision: 1, shutsDown: true });
    expect(await consumer.observe(SWITCH_OVER)).toMatchObject({
      state: "under-way",
      instances: [
        { id: "deployment/web", state: "lagging", says: "1 former pod still runs" },
        { id: "web-old", state: "lagging", says: "shuts down with the former secret" },
      ],
    });
    workload.pods.pop();
    expect(await consumer.observe(SWITCH_OVER)).toMatchObject({
      state: "proved",
      instances: [{ id: "deployment/web", state: "switched", says: "2 pods" }],
      says: "1 of 1 workload has rolled out.",
    });
  });

  it("is not held up by pods of others that have the same labels", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("statefulsets", "db");
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll();
    workload.add({ isForeign: true });
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("names the pods that did not come back and those that were not replaced, 20 at most", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "web", 30);
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll(1, "CrashLoopBackOff");
    const { instances } = await consumer.observe(SWITCH_OVER);
    expect(instances).toHaveLength(21);
    expect(instances[0]).toMatchObject({ id: "deployment/web", says: "1 of 30 pods updated" });
    expect(instances.filter(({ says }) => says === "runs with the former secret")).toHaveLength(20);
    workload.roll(28);
    const after = await consumer.observe(SWITCH_OVER);
    expect(after.instances.map(({ says }) => says)).toEqual([
      "29 of 30 pods updated",
      "runs with the former secret",
      "did not come back: CrashLoopBackOff",
    ]);
  });

  it("looks at more pods than one page has", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "web", 600);
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
    workload.add({ name: "web-last", shutsDown: true });
    expect((await consumer.observe(SWITCH_OVER)).instances[1]?.id).toBe("web-last");
    expect(place.cluster.log.filter((line) => line === "list pods")).toHaveLength(6);
  });

  it("waits until the controller has seen it, although everything before it is complete", async () => {
    await using place = await KubernetesPlace.open();
    place.cluster.add("deployments", "web", 0);
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    const { instances } = await consumer.observe(SWITCH_OVER);
    expect(instances[0]?.says).toBe("its controller has not seen the change yet");
  });

  it.each(["deployments", "statefulsets", "daemonsets"] as const)(
    "is proved for %s that are scaled to zero: nothing holds the key",
    async (resource) => {
      await using place = await KubernetesPlace.open();
      const workload = place.cluster.add(resource, "web");
      const consumer = await place.consumer();
      await consumer.notify(SWITCH_OVER);
      workload.roll(1);
      expect((await consumer.observe(SWITCH_OVER)).state).toBe("under-way");
      workload.scale(0);
      expect(await consumer.observe(SWITCH_OVER)).toMatchObject({
        state: "proved",
        instances: [{ state: "switched", says: "scaled to zero: nothing holds the key" }],
      });
    },
  );

  it.each([
    ["deployments", { paused: true }, "is paused; run: kubectl rollout resume deployment/web -n shop"],
    [
      "statefulsets",
      { updateStrategy: { rollingUpdate: { partition: 1 } } },
      "its partition keeps 1 of its pods",
    ],
    [
      "statefulsets",
      { updateStrategy: { type: "OnDelete" } },
      "its update strategy is OnDelete; delete the pods",
    ],
    [
      "daemonsets",
      { updateStrategy: { type: "OnDelete" } },
      "its update strategy is OnDelete; delete the pods",
    ],
  ] as const)("says what keeps %s from going on: %j", async (resource, spec, says) => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add(resource, "web");
    workload.patch({ spec });
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll(1);
    expect((await consumer.observe(SWITCH_OVER)).instances[0]).toMatchObject({
      state: "lagging",
      says: expect.stringContaining(says),
    });
    // A person goes on by hand: what counts is what runs.
    workload.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("says that a Deployment is stuck, and where to look", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "web");
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll(1, "ImagePullBackOff");
    workload.reason = "ProgressDeadlineExceeded";
    expect((await consumer.observe(SWITCH_OVER)).instances.map(({ says }) => says)).toEqual([
      "is stuck (ProgressDeadlineExceeded); run: kubectl describe deployment/web -n shop",
      "runs with the former secret",
      "did not come back: ImagePullBackOff",
    ]);
  });

  it("is not fought for where a person puts the former template back; it is said how to begin it again", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "web");
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll();
    workload.patch({ spec: { template: { metadata: { annotations: null } } } });
    workload.roll();
    await consumer.notify(SWITCH_OVER);
    expect(workload.revision).toBe(3);
    const { state, instances } = await consumer.observe(SWITCH_OVER);
    expect(state).toBe("under-way");
    const command =
      /kubectl annotate deployment\/web -n shop (\S+)-$/.exec(instances[0]?.says ?? "")?.[1] ?? "";
    workload.patch({ metadata: { annotations: { [command]: null } } });
    await consumer.notify(SWITCH_OVER);
    workload.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("restarts nothing where the mounted Secret is read, and asks the cluster nothing", async () => {
    await using place = await KubernetesPlace.open();
    const consumer = await place.consumer({ target: null });
    expect(await consumer.notify(SWITCH_OVER)).toBe("told");
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("unprovable");
    expect(place.cluster.log).toEqual([]);
    expect(consumer.needs).toEqual([]);
  });
});
