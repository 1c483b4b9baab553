/** Deployments, StatefulSets and DaemonSets as the rotator sees them, and how far each has rolled out. Pure. */
import type {
  V1DaemonSet,
  V1Deployment,
  V1LabelSelector,
  V1ObjectMeta,
  V1StatefulSet,
} from "@kubernetes/client-node";

export type Kind = "deployment" | "statefulset" | "daemonset";
export const KINDS: readonly Kind[] = ["deployment", "statefulset", "daemonset"];

/** On a workload: it was told of that switch-over. On its pod template, and so on its pods: they are newer than that. */
export const ANNOTATION = "paddle-key-rotator/switch-over";

export type Workload = {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string;
  /** The switch-over that it was told of last. */
  readonly told: string | null;
  /** The switch-over that its pod template carries. They differ where somebody has put an older template back. */
  readonly carries: string | null;
  /** Of its pods, as a query has it. */
  readonly selector: string;
  /** Its controller has seen the template as it is, and counted what follows. */
  readonly isSeen: boolean;
  readonly wanted: number;
  /** All that there are; more than are wanted while a roll-out adds some. */
  readonly pods: number;
  readonly updated: number;
  readonly available: number;
  /** What keeps it from going on by itself, and what to do; null: nothing is known. */
  readonly obstacle: string | null;
};

/** `deployment/billing` */
export function labelOf({ kind, name }: Pick<Workload, "kind" | "name">): string {
  return `${kind}/${name}`;
}

export type Rollout = { readonly isComplete: boolean; readonly says: string };

/** As `kubectl rollout status` judges, and stricter: a StatefulSet's partition leaves no pod out. */
export function rolloutOf(workload: Workload, switchOverId: string): Rollout {
  const { told, carries, isSeen, wanted, pods, updated, available, obstacle } = workload;
  if (told !== switchOverId && carries !== switchOverId) return waits("was not told yet");
  if (carries !== switchOverId)
    return waits(
      `its pod template was put back; to restart it: kubectl annotate ${at(workload)} ${ANNOTATION}-`,
    );
  if (!isSeen) return waits("its controller has not seen the change yet");
  if (updated === wanted && pods === wanted && available >= wanted)
    return {
      isComplete: true,
      says: wanted === 0 ? "scaled to zero: nothing holds the key" : podsOf(wanted),
    };
  if (obstacle !== null) return waits(obstacle);
  if (updated < wanted) return waits(`${updated} of ${podsOf(wanted)} updated`);
  if (pods > updated) return waits(formerPods(pods - updated));
  return waits(`${available} of ${podsOf(wanted)} available`);
}

export function formerPods(count: number): string {
  return count === 1 ? "1 former pod still runs" : `${count} former pods still run`;
}

function waits(says: string): Rollout {
  return { isComplete: false, says };
}

function podsOf(count: number): string {
  return count === 1 ? "1 pod" : `${count} pods`;
}

/** For kubectl. */
function at({ kind, name, namespace }: Pick<Workload, "kind" | "name" | "namespace">): string {
  return `${labelOf({ kind, name })} -n ${namespace}`;
}

/** Throws where this is not a Deployment as an API server gives it. */
export function ofDeployment({ metadata, spec, status }: V1Deployment): Workload {
  if (!spec?.selector || !status) throw new Error("not a Deployment");
  const called = { kind: "deployment" as const, ...nameIn(metadata) };
  const stuck = status.conditions?.find(
    ({ type, status: is, reason }) =>
      (type === "Progressing" && reason === "ProgressDeadlineExceeded") ||
      (type === "ReplicaFailure" && is === "True"),
  );
  return {
    ...called,
    ...marksIn(metadata, spec.template?.metadata),
    selector: queryOf(spec.selector),
    isSeen: seen(metadata, status.observedGeneration),
    wanted: spec.replicas ?? 1,
    pods: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    obstacle:
      spec.paused === true
        ? `is paused; run: kubectl rollout resume ${at(called)}`
        : stuck
          ? `is stuck (${reasonIn(stuck.reason)}); run: kubectl describe ${at(called)}`
          : null,
  };
}

/** Throws where this is not a StatefulSet as an API server gives it. */
export function ofStatefulSet({ metadata, spec, status }: V1StatefulSet): Workload {
  if (!spec?.selector || !status) throw new Error("not a StatefulSet");
  const wanted = spec.replicas ?? 1;
  const partition = Math.min(spec.updateStrategy?.rollingUpdate?.partition ?? 0, wanted);
  return {
    kind: "statefulset",
    ...nameIn(metadata),
    ...marksIn(metadata, spec.template?.metadata),
    selector: queryOf(spec.selector),
    isSeen: seen(metadata, status.observedGeneration),
    wanted,
    pods: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    obstacle:
      spec.updateStrategy?.type === "OnDelete"
        ? "its update strategy is OnDelete; delete the pods that are named, one by one"
        : partition > 0
          ? `its partition keeps ${partition} of its pods as they are; set it to 0`
          : null,
  };
}

/** Throws where this is not a DaemonSet as an API server gives it. */
export function ofDaemonSet({ metadata, spec, status }: V1DaemonSet): Workload {
  if (!spec?.selector || !status) throw new Error("not a DaemonSet");
  const wanted = status.desiredNumberScheduled;
  return {
    kind: "daemonset",
    ...nameIn(metadata),
    ...marksIn(metadata, spec.template?.metadata),
    selector: queryOf(spec.selector),
    isSeen: seen(metadata, status.observedGeneration),
    wanted,
    // It never adds pods on a node for good; those on nodes that it should have left are found among its pods.
    pods: wanted,
    updated: status.updatedNumberScheduled ?? 0,
    available: status.numberAvailable ?? 0,
    obstacle:
      spec.updateStrategy?.type === "OnDelete"
        ? "its update strategy is OnDelete; delete the pods that are named, one by one"
        : null,
  };
}

function nameIn(metadata: V1ObjectMeta | undefined): { name: string; namespace: string } {
  if (!metadata?.name || !metadata.namespace) throw new Error("it has no name");
  return { name: metadata.name, namespace: metadata.namespace };
}

function marksIn(own: V1ObjectMeta | undefined, template: V1ObjectMeta | undefined) {
  return {
    told: own?.annotations?.[ANNOTATION] ?? null,
    carries: template?.annotations?.[ANNOTATION] ?? null,
  };
}

function seen(metadata: V1ObjectMeta | undefined, observed: number | undefined): boolean {
  return metadata?.generation !== undefined && (observed ?? 0) >= metadata.generation;
}

/** Machines write it, in one word. */
function reasonIn(reason: string | undefined): string {
  return /^\w{1,60}$/.exec(reason ?? "")?.[0] ?? "no reason given";
}

/** As the query `labelSelector` has it. */
function queryOf({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([label, value]) => `${label}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case "In":
        return `${key} in (${values.join(",")})`;
      case "NotIn":
        return `${key} notin (${values.join(",")})`;
      case "Exists":
        return key;
      case "DoesNotExist":
        return `!${key}`;
      default:
        throw new Error("an unknown operator");
    }
  });
  return [...equal, ...others].join(",");
}
