/** Roll-outs in a cluster that fail half-way, or never begin: who is told all the same, and what people are told. */
import { describe, expect, it } from "vitest";
import { NAMESPACE } from "../../support/consumers/kubernetes-cluster.ts";
import { KubernetesPlace } from "../../support/consumers/kubernetes-place.ts";

const SWITCH_OVER = {
  id: "sw_1",
  keyName: "billing",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};
const BY_LABEL = {
  namespace: NAMESPACE,
  workloads: null,
  selector: { labels: "app=billing", kinds: ["deployment"] as const },
};

describe("trouble half-way", () => {
  it("tells the others although one may not be patched, and says which permission is missing", async () => {
    await using place = await KubernetesPlace.open();
    const [first, second, third] = ["a", "b", "c"].map((name) => place.cluster.add("deployments", name));
    place.cluster.allowed.delete("patch deployments/b");
    const consumer = await place.consumer();
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow(
      /^consumer billing is closed to system:serviceaccount:rotator:paddle-key-rotator \(403 Forbidden, audit id [\w-]+\), which may not patch deployments "b" in the namespace shop: bind it to a Role with apiGroups \[apps\], resources \[deployments\], verbs \[patch\]; `npm run rotator -- check` prints it$/,
    );
    expect([first, second, third].map((workload) => workload?.revision)).toEqual([2, 1, 2]);
    place.cluster.allowed.add("patch deployments/b");
    await consumer.notify(SWITCH_OVER);
    expect([first, second, third].map((workload) => workload?.revision)).toEqual([2, 2, 2]);
  });

  it("proves nothing while pods may not be listed", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "web");
    const consumer = await place.consumer();
    await consumer.notify(SWITCH_OVER);
    workload.roll();
    place.cluster.allowed.delete("list pods");
    await expect(consumer.observe(SWITCH_OVER)).rejects.toThrow(
      "which may not list pods in the namespace shop",
    );
  });

  it("says which workload was deleted, and tells the others", async () => {
    await using place = await KubernetesPlace.open();
    const [gone, other] = [place.cluster.add("deployments", "a"), place.cluster.add("deployments", "b")];
    const consumer = await place.consumer();
    place.cluster.remove(gone);
    const words = "consumer billing has no deployment/a in the namespace shop (404 NotFound";
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow(words);
    expect(other.revision).toBe(2);
    other.roll();
    await expect(consumer.observe(SWITCH_OVER)).rejects.toThrow(words);
  });

  it("says that it was deleted between looking and telling", async () => {
    await using place = await KubernetesPlace.open();
    const workload = place.cluster.add("deployments", "a");
    const consumer = await place.consumer();
    place.cluster.afterRequest = () => place.cluster.remove(workload);
    await expect(consumer.notify(SWITCH_OVER)).rejects.toThrow("has no deployment/a");
  });

  it("takes a selector that matches nothing for no proof", async () => {
    await using place = await KubernetesPlace.open();
    place.cluster.add("deployments", "web", 2, { app: "other" });
    place.cluster.allowed.add("list deployments");
    const consumer = await place.consumer({ target: BY_LABEL });
    await expect(consumer.observe(SWITCH_OVER)).rejects.toThrow(
      "consumer billing matches no workload (deployments with app=billing in the namespace shop): correct selector",
    );
  });

  it("tells a workload that joins later, once", async () => {
    await using place = await KubernetesPlace.open();
    for (const verb of ["list", "patch"]) place.cluster.allowed.add(`${verb} deployments`);
    const first = place.cluster.add("deployments", "web");
    const consumer = await place.consumer({ target: BY_LABEL });
    expect(await consumer.notify(SWITCH_OVER)).toBe("partly");
    first.roll();
    const late = place.cluster.add("deployments", "late");
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("under-way");
    await consumer.notify(SWITCH_OVER);
    late.roll();
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
    expect([first.revision, late.revision]).toEqual([2, 2]);
  });

  it("gives up on an API server that sheds load, with the time that it asks for", async () => {
    await using place = await KubernetesPlace.open();
    place.cluster.add("deployments", "web");
    place.cluster.throttles = 99;
    await expect((await place.consumer()).notify(SWITCH_OVER)).rejects.toMatchObject({
      effect: "none",
      retry: "later",
      retryAfterMs: 1_000,
      message: expect.stringContaining("asked too often (429 TooManyRequests"),
    });
  });

  it("follows no redirect: whoever sends one is given no token", async () => {
    await using place = await KubernetesPlace.open();
    await using other = await KubernetesPlace.open();
    other.cluster.add("deployments", "web");
    const location = `${other.cluster.url}/apis/apps/v1/namespaces/shop/deployments/web`;
    place.cluster.add("deployments", "web");
    place.cluster.always = { status: 307, headers: { location }, body: "" };
    await expect((await place.consumer()).notify(SWITCH_OVER)).rejects.toThrow("says the API server (307)");
    expect(other.cluster.log).toEqual([]);
  });
});
