/** The pods of one workload: which of them hold the former secret, and which did not come back. Pure. */
import type { V1Pod } from "@kubernetes/client-node";
import { quoted } from "../../core/quoted.ts";
import { ANNOTATION, type Workload } from "./workload.ts";

export type PodState =
  /** Begun for this switch-over, and ready since then. */
  | { readonly is: "ready"; readonly sinceMs: number }
  /** Begun for this switch-over. */
  | { readonly is: "not ready"; readonly says: string }
  /** Begun before it. */
  | { readonly is: "former"; readonly says: string };

export type SeenPod = { readonly name: string } & PodState;

/** null: it is another workload's, or has ended and holds nothing. */
export function podOf(workload: Workload, pod: V1Pod, switchOverId: string): SeenPod | null {
  const { metadata, status } = pod;
  if (!metadata?.name) throw new Error("not a Pod");
  if (!isOwnedBy(workload, pod) || status?.phase === "Succeeded" || status?.phase === "Failed") return null;
  const ends = metadata.deletionTimestamp !== undefined;
  const name = quoted(metadata.name);
  if (metadata.annotations?.[ANNOTATION] !== switchOverId)
    return {
      name,
      is: "former",
      says: ends ? "shuts down with the former secret" : "runs with the former secret",
    };
  if (ends) return null;
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True"
    ? { name, is: "ready", sinceMs: ready.lastTransitionTime?.getTime() ?? 0 }
    : { name, is: "not ready", says: quoted(`did not come back: ${reasonOf(pod)}`) };
}

/** By the controller that made it: labels alone may match the pods of others. */
function isOwnedBy({ kind, name }: Workload, { metadata }: V1Pod): boolean {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  switch (kind) {
    case "deployment":
      return (
        owner?.kind === "ReplicaSet" &&
        owner.name === `${name}-${metadata?.labels?.["pod-template-hash"] ?? ""}`
      );
    case "statefulset":
      return owner?.kind === "StatefulSet" && owner.name === name;
    case "daemonset":
      return owner?.kind === "DaemonSet" && owner.name === name;
    default:
      return kind satisfies never;
  }
}

function reasonOf({ status }: V1Pod): string {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = containers
    .map(({ state }) => state?.waiting?.reason)
    .find((reason) => reason !== undefined);
  const unscheduled = status?.conditions?.find(
    ({ type, status: is }) => type === "PodScheduled" && is === "False",
  );
  return waiting ?? unscheduled?.reason ?? `phase ${status?.phase ?? "unknown"}, not ready`;
}
