/**
 * A workload of a fake cluster and its pods: what its controller makes of them when the script says so, and what it
 * reports. From the API reference of apps/v1 (DeploymentStatus, StatefulSetStatus, DaemonSetStatus) and
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { invalid } from "../stores/kubernetes-status.ts";

export type Resource = "deployments" | "statefulsets" | "daemonsets";
type Texts = Record<string, string>;
type Json = { [name: string]: unknown };

type Pod = {
  readonly name: string;
  readonly revision: number;
  readonly annotations: Texts;
  /** Of the container that waits; null: it runs and is ready. */
  trouble: string | null;
  shutsDown: boolean;
  /** Of a controller of the same name and another kind. */
  readonly isForeign: boolean;
};

const KIND = { deployments: "Deployment", statefulsets: "StatefulSet", daemonsets: "DaemonSet" };
const OWNER = { ...KIND, deployments: "ReplicaSet" };

export class FakeWorkload {
  readonly resource: Resource;
  readonly name: string;
  readonly namespace: string;
  readonly pods: Pod[] = [];
  /** How often its pod template has changed. */
  revision = 1;
  /** Since when its ready pods are. */
  readySince = new Date(0).toISOString();
  reason: string | null = null;
  #object: { metadata: Json; spec: Json };
  #generation = 1;
  #observed = 1;

  constructor(resource: Resource, namespace: string, name: string, labels: Texts, replicas: number) {
    [this.resource, this.namespace, this.name] = [resource, namespace, name];
    const template = {
      metadata: { labels: { pods: name } },
      spec: { containers: [{ name: "app", image: "app" }] },
    };
    this.#object = {
      metadata: { name, namespace, uid: randomUUID(), labels, creationTimestamp: "2026-01-01T00:00:00Z" },
      spec: {
        ...(resource !== "daemonsets" && { replicas }),
        selector: { matchLabels: { pods: name } },
        template,
      },
    };
    for (let pod = 0; pod < replicas; pod += 1) this.#start();
  }

  get labels(): Texts {
    return this.#object.metadata["labels"] as Texts;
  }

  /** JSON merge patch, RFC 7396, of annotations and of the spec. */
  patch(change: Json): void {
    for (const name of Object.keys(change))
      if (name !== "metadata" && name !== "spec")
        throw invalid(KIND[this.resource], this.name, [name, "unknown field"]);
    const before = this.#object.spec;
    const { metadata, spec } = merged(this.#object, change) as { metadata: Json; spec: Json };
    this.#object = { metadata, spec };
    if (isDeepStrictEqual(before, spec)) return;
    this.#generation += 1;
    if (!isDeepStrictEqual(before["template"], spec["template"])) this.revision += 1;
  }

  /** The controller looks: it counts, and replaces so many former pods, `trouble` being what the new ones have. */
  roll(count = Infinity, trouble: string | null = null): void {
    this.#observed = this.#generation;
    const former = this.pods.filter(({ revision }) => revision !== this.revision).slice(0, count);
    for (const pod of former) {
      this.pods.splice(this.pods.indexOf(pod), 1);
      this.#start(trouble);
    }
  }

  scale(replicas: number): void {
    this.patch({ spec: { replicas } });
    this.pods.splice(replicas);
    this.#observed = this.#generation;
  }

  add(pod: Partial<Pod>): void {
    const name = `${this.name}-${randomUUID().slice(0, 5)}`;
    const usual = { name, revision: 0, annotations: {}, trouble: null, shutsDown: false, isForeign: false };
    this.pods.push({ ...usual, ...pod });
  }

  /** As `GET` answers. */
  get object(): object {
    const { metadata, spec } = this.#object;
    const status = { observedGeneration: this.#observed, ...this.#status() };
    return {
      apiVersion: "apps/v1",
      kind: KIND[this.resource],
      metadata: { ...metadata, generation: this.#generation, resourceVersion: String(this.#generation) },
      spec,
      status,
    };
  }

  get podObjects(): object[] {
    return this.pods.map((pod) => this.#podObject(pod));
  }

  #status(): object {
    const own = this.pods.filter(({ shutsDown, isForeign }) => !shutsDown && !isForeign);
    const updated = own.filter(({ revision }) => revision === this.revision).length;
    const available = own.filter(({ trouble }) => trouble === null).length;
    if (this.resource === "daemonsets")
      return {
        desiredNumberScheduled: own.length,
        currentNumberScheduled: own.length,
        numberMisscheduled: 0,
        numberReady: available,
        updatedNumberScheduled: updated,
        numberAvailable: available,
      };
    // What is zero is left out.
    const counts = {
      replicas: own.length,
      updatedReplicas: updated,
      readyReplicas: available,
      availableReplicas: available,
    };
    const filled = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
    if (this.resource === "statefulsets") return { replicas: 0, availableReplicas: 0, ...filled };
    const progressing = {
      type: "Progressing",
      status: this.reason ? "False" : "True",
      reason: this.reason ?? "ReplicaSetUpdated",
    };
    return { ...filled, conditions: [progressing] };
  }

  #start(trouble: string | null = null): void {
    const template = (this.#object.spec["template"] as { metadata: { annotations?: Texts } }).metadata;
    this.add({ revision: this.revision, annotations: template.annotations ?? {}, trouble });
  }

  #podObject({ name, revision, annotations, trouble, shutsDown, isForeign }: Pod): object {
    const isSet = this.resource === "deployments";
    const owner = isForeign ? `other-${revision}` : isSet ? `${this.name}-${revision}` : this.name;
    return {
      metadata: {
        name,
        namespace: this.namespace,
        labels: { pods: this.name, ...(isSet && { "pod-template-hash": String(revision) }) },
        annotations,
        ownerReferences: [
          { apiVersion: "apps/v1", kind: OWNER[this.resource], name: owner, uid: "u", controller: true },
        ],
        ...(shutsDown && { deletionTimestamp: "2026-01-02T00:00:00Z" }),
      },
      spec: { containers: [{ name: "app", image: "app" }] },
      status: {
        phase: trouble === null ? "Running" : "Pending",
        conditions: [
          { type: "Ready", status: trouble === null ? "True" : "False", lastTransitionTime: this.readySince },
        ],
        containerStatuses: [
          {
            name: "app",
            image: "app",
            imageID: "",
            ready: trouble === null,
            restartCount: 0,
            state: trouble === null ? { running: {} } : { waiting: { reason: trouble } },
          },
        ],
      },
    };
  }
}

/** RFC 7396, section 2. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  return result;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
