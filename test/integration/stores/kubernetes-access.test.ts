/** How a process proves to a cluster who it is, and where it learns which cluster: in a pod and with a kubeconfig. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { issued, plain, put } from "../../contract/secret-store-samples.ts";
import { KubernetesPlace, NAMESPACE } from "../../support/stores/kubernetes-place.ts";

const OURS = "paddle-key-rotator-ACTIVE_PADDLE_KEY";
const FIRST = { ...EMPTY_SLOTS, active: issued("first") };

afterEach(() => vi.unstubAllEnvs());

describe("a Kubernetes Secret, from a pod", () => {
  it("is reached with the service account, in the pod's own namespace, though there is a kubeconfig", async () => {
    await using place = await KubernetesPlace.open();
    const root = await pod(place);
    vi.stubEnv("KUBECONFIG", join(place.folder, "nowhere"));
    const store = place.store({ kubeconfig: null, namespace: null }, { root });
    await put(store, FIRST);
    expect(plain((await store.read()).slots)).toEqual(plain(FIRST));
    expect(await place.everything()).toContain(OURS);
  });

  it("is reached with a token that the kubelet has renewed", async () => {
    await using place = await KubernetesPlace.open();
    const root = await pod(place);
    const store = place.store({ kubeconfig: null }, { root });
    const { version } = await store.read();
    await writeFile(join(root, ACCOUNT, "token"), place.fake.rotateToken());
    expect(await store.write(FIRST, version)).toBe("written");
  });

  it("says that the token is of no use where the renewed one is refused too", async () => {
    await using place = await KubernetesPlace.open();
    const root = await pod(place);
    place.fake.rotateToken();
    const attempt = place.store({ kubeconfig: null }, { root }).read();
    await expect(attempt).rejects.toMatchObject({ effect: "none", retry: "later" });
    await expect(attempt).rejects.toThrow("is closed to the pod's service account (401");
    expect(place.fake.log.map(({ status }) => status)).toEqual([401, 401]);
  });

  it("says in which namespace it looked where none was configured", async () => {
    await using place = await KubernetesPlace.open();
    const root = await pod(place);
    const store = place.store({ kubeconfig: null, namespace: null, secret: "other" }, { root });
    await expect(store.read()).rejects.toThrow(`Kubernetes Secret ${NAMESPACE}/other is closed to`);
  });
});

describe("a Kubernetes Secret, by a kubeconfig", () => {
  it("is reached with $KUBECONFIG where there is no pod", async () => {
    await using place = await KubernetesPlace.open();
    vi.stubEnv("KUBECONFIG", place.kubeconfig);
    await put(place.store({ kubeconfig: null, namespace: null }, { root: place.folder }), FIRST);
  });

  it("is reached with what a credential plugin prints, which is asked again once that is refused", async () => {
    await using place = await KubernetesPlace.open();
    const printed = join(place.folder, "token");
    await writeFile(printed, place.fake.rotateToken());
    place.writeKubeconfig(
      plugin(`console.log(JSON.stringify({
        apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential",
        status: { token: require("node:fs").readFileSync(${JSON.stringify(printed)}, "utf8") },
      }))`),
    );
    const store = place.store();
    const { version } = await store.read();
    await writeFile(printed, place.fake.rotateToken());
    expect(await store.write(FIRST, version)).toBe("written");
  });

  it("says which context has no credentials, and not what its plugin printed", async () => {
    await using place = await KubernetesPlace.open();
    place.writeKubeconfig(plugin('console.error("canary"); process.exit(1)'));
    const error: unknown = await place
      .store()
      .read()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      effect: "none",
      retry: "later",
      message: expect.stringContaining("because the context test gives no credentials"),
    });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("canary");
  });

  it("does not wait for a credential plugin that hangs", async () => {
    await using place = await KubernetesPlace.open();
    place.writeKubeconfig(plugin("setTimeout(() => {}, 2_000)"));
    const attempt = place.store({}, { deadlineMs: 100 }).read();
    await expect(attempt).rejects.toMatchObject({ effect: "none", retry: "later" });
    await expect(attempt).rejects.toThrow("(no answer in time)");
  });

  it.each([
    ["a file that is not there", {}, async (place: KubernetesPlace) => rm(place.kubeconfig), "config view"],
    [
      "a file that is none",
      {},
      (place: KubernetesPlace) => writeFile(place.kubeconfig, "canary: ["),
      "config view",
    ],
    ["an unknown context", { context: "prod" }, async () => {}, "configure context as one of: test"],
    [
      "a server without TLS",
      {},
      async (place: KubernetesPlace) =>
        place.writeKubeconfig(undefined, { server: "http://canary:1@10.0.0.1" }),
      "no https address (http://10.0.0.1)",
    ],
  ])("is refused with the remedy for %s", async (_, options, spoil, remedy) => {
    await using place = await KubernetesPlace.open();
    await spoil(place);
    const error: unknown = await place
      .store(options)
      .read()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ effect: "none", retry: "never", message: expect.stringContaining(remedy) });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("canary");
    expect(place.fake.log).toEqual([]);
  });

  it("is refused where there is neither a pod nor a kubeconfig", async () => {
    await using place = await KubernetesPlace.open();
    vi.stubEnv("KUBECONFIG", "");
    vi.stubEnv("HOME", place.folder);
    const attempt = place.store({ kubeconfig: null }, { root: place.folder }).read();
    await expect(attempt).rejects.toThrow("there is neither a service account of a pod nor a kubeconfig");
  });
});

const ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount";

/** The files and variables that the kubelet gives to a pod. Returns the folder that they are in. */
async function pod(place: KubernetesPlace): Promise<string> {
  const root = `${place.folder}/`;
  await mkdir(join(root, ACCOUNT), { recursive: true });
  await writeFile(join(root, ACCOUNT, "token"), place.fake.rotateToken());
  await writeFile(join(root, ACCOUNT, "ca.crt"), place.fake.authority);
  await writeFile(join(root, ACCOUNT, "namespace"), NAMESPACE);
  vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
  vi.stubEnv("KUBERNETES_SERVICE_PORT", String(place.fake.port));
  return root.replace(/\/$/, "");
}

function plugin(script: string): object {
  const apiVersion = "client.authentication.k8s.io/v1";
  return { exec: { apiVersion, command: process.execPath, args: ["-e", script], interactiveMode: "Never" } };
}
