/** Workloads on a fake cluster that is reached by a kubeconfig, for tests of the consumer kubernetes. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesOptions, kubernetesConsumer } from "../../../src/consumers/kubernetes/consumer.ts";
import type { Clock } from "../../../src/core/ports.ts";
import type { ConsumerPlace } from "../../contract/consumer.contract.ts";
import { FakeCluster, NAMESPACE } from "./kubernetes-cluster.ts";

/** Waits for nothing. */
const hurried: Clock = { now: () => Date.now(), sleep: async () => {} };

export class KubernetesPlace implements AsyncDisposable {
  readonly cluster: FakeCluster;
  readonly #folder: string;

  private constructor(cluster: FakeCluster, folder: string) {
    [this.cluster, this.#folder] = [cluster, folder];
    this.writeKubeconfig();
  }

  static async open(): Promise<KubernetesPlace> {
    return new KubernetesPlace(await FakeCluster.open(), await mkdtemp(join(tmpdir(), "kubernetes-")));
  }

  get kubeconfig(): string {
    return join(this.#folder, "kubeconfig");
  }

  writeKubeconfig(server = this.cluster.url): void {
    const authority = Buffer.from(this.cluster.certificate.cert).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "fake", cluster: { server, "certificate-authority-data": authority } }],
      users: [{ name: "rotator", user: { token: this.cluster.token } }],
      contexts: [{ name: "test", context: { cluster: "fake", user: "rotator", namespace: NAMESPACE } }],
      "current-context": "test",
    };
    writeFileSync(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }

  /** For all workloads that there are by now, by their names. */
  consumer(options: Partial<KubernetesOptions> = {}, clock = hurried) {
    const workloads = this.cluster.workloads.map(({ resource, name }) => {
      return { kind: KIND[resource], name };
    });
    const usual: KubernetesOptions = {
      name: "billing",
      refreshMs: 0,
      timeoutMs: 600_000,
      target: { namespace: NAMESPACE, workloads, selector: null },
      batch: null,
      kubeconfig: this.kubeconfig,
      context: null,
    };
    return kubernetesConsumer({ ...usual, ...options }, { clock }, { deadlineMs: 400, random: () => 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}

const KIND = { deployments: "deployment", statefulsets: "statefulset", daemonsets: "daemonset" } as const;

/** A Deployment, a StatefulSet and a DaemonSet, for the contract of consumers. */
export async function openKubernetesPlace(options: Partial<KubernetesOptions> = {}): Promise<ConsumerPlace> {
  const place = await KubernetesPlace.open();
  const { cluster } = place;
  const [deployment] = [
    cluster.add("deployments", "billing"),
    cluster.add("statefulsets", "ledger"),
    cluster.add("daemonsets", "agent"),
  ];
  for (const verb of ["list", "patch"])
    for (const resource of Object.keys(KIND)) cluster.allowed.add(`${verb} ${resource}`);
  return {
    consumer: () => place.consumer(options),
    // All of them are told together.
    told: async () => deployment.revision - 1,
    async goOn(how) {
      for (const workload of cluster.workloads) workload.roll(how === "all" ? Infinity : 1);
      if (how === "some") deployment.roll();
    },
    everything: async () =>
      JSON.stringify(cluster.workloads.map(({ object, podObjects }) => [object, podObjects])),
    breakages: {
      "is closed": async () => cluster.allowed.clear(),
      "has lost its pods' permission": async () => void cluster.allowed.delete("list pods"),
      "has another token": async () => void (cluster.token = "another"),
      "is silent": async () => void (cluster.silent = true),
      "is behind a sign-in page": async () =>
        void (cluster.always = { status: 200, headers: { "content-type": "text/html" }, body: "<p>canary" }),
      redirects: async () =>
        void (cluster.always = {
          status: 307,
          headers: { location: "https://169.254.169.254/canary" },
          body: "",
        }),
      "answers what is none of it": async () =>
        void (cluster.always = {
          status: 200,
          headers: { "content-type": "application/json" },
          body: '{"canary":1}',
        }),
      "is out of reach": () => cluster[Symbol.asyncDispose](),
      "has nothing that is looked for": async () => void cluster.workloads.splice(0),
    },
    secrets: [cluster.token, "canary"],
    beHostile: async (words) => {
      const reasons = words.map((word) => word || "-");
      for (const trouble of reasons)
        deployment.add({ revision: 2, annotations: { [ANNOTATION]: "sw_7f3a9c" }, trouble });
    },
    loseNextAnswer: async () => void (cluster.losesNextPatch = true),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

const ANNOTATION = "paddle-key-rotator/switch-over";
