/** Roll-outs of many workloads in a cluster, some at a time. */
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/ports.ts";
import { KubernetesPlace } from "../../support/consumers/kubernetes-place.ts";

const SWITCH_OVER = {
  id: "sw_1",
  keyName: "billing",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};
const NEXT = { ...SWITCH_OVER, id: "sw_2" };
describe("batches", () => {
  it("begin one after another, each when the pods of all before it have been ready for the pause", async () => {
    await using place = await KubernetesPlace.open();
    const workloads = ["a", "b", "c", "d", "e"].map((name) => place.cluster.add("deployments", name));
    let now = Date.parse("2026-11-21T03:00:00Z");
    const clock: Clock = { now: () => now, sleep: async () => {} };
    // Every look is that of a process of its own: the cluster remembers.
    const notify = async () =>
      (await place.consumer({ batch: { size: 2, pauseMs: 60_000 } }, clock)).notify(SWITCH_OVER);
    const revisions = () => workloads.map(({ revision }) => revision).join("");

    expect(await notify()).toBe("partly");
    expect(revisions()).toBe("22111");
    expect(await notify()).toBe("partly");
    expect(revisions()).toBe("22111");

    for (const workload of workloads) workload.readySince = new Date(now).toISOString();
    workloads[0]?.roll();
    await notify();
    expect(revisions()).toBe("22111");
    workloads[1]?.roll(1);
    await notify();
    expect(revisions()).toBe("22111");
    workloads[1]?.roll();
    now += 59_000;
    await notify();
    expect(revisions()).toBe("22111");
    now += 1_000;
    await notify();
    expect(revisions()).toBe("22221");
    for (const workload of workloads) workload.roll();
    await notify();
    expect(revisions()).toBe("22222");
  });

  it("are under way until the last of them", async () => {
    await using place = await KubernetesPlace.open();
    const [first, second] = ["a", "b"].map((name) => place.cluster.add("deployments", name));
    const consumer = await place.consumer({ batch: { size: 1, pauseMs: 0 } });
    await consumer.notify(SWITCH_OVER);
    first?.roll();
    expect(await consumer.observe(SWITCH_OVER)).toMatchObject({
      state: "under-way",
      says: "1 of 2 workloads have rolled out, in batches.",
      instances: [{ state: "switched" }, { says: "was not told yet" }, {}, {}],
    });
    await consumer.notify(SWITCH_OVER);
    second?.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
    expect((await consumer.observe(NEXT)).state).toBe("under-way");
  });

  it("stop where one does not come back", async () => {
    await using place = await KubernetesPlace.open();
    const [first, second] = ["a", "b"].map((name) => place.cluster.add("deployments", name));
    const consumer = await place.consumer({ batch: { size: 1, pauseMs: 0 } });
    await consumer.notify(SWITCH_OVER);
    first?.roll(Infinity, "CrashLoopBackOff");
    await consumer.notify(SWITCH_OVER);
    expect(second?.revision).toBe(1);
  });

  it("go on with what a process that died half-way had left", async () => {
    await using place = await KubernetesPlace.open();
    const workloads = ["a", "b", "c", "d"].map((name) => place.cluster.add("deployments", name));
    place.cluster.allowed.delete("patch deployments/b");
    const consumer = await place.consumer({ batch: { size: 2, pauseMs: 0 } });
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow("may not patch");
    place.cluster.allowed.add("patch deployments/b");
    workloads[0]?.roll();
    await consumer.notify(SWITCH_OVER);
    expect(workloads.map(({ revision }) => revision).join("")).toBe("2221");
  });
});
