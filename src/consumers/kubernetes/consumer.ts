/** Applications in a Kubernetes cluster: restarted, or left to read the mounted Secret by themselves. */
import type { Consumer } from "../../core/consumer.ts";
import type { Clock } from "../../core/ports.ts";
import type { Pace } from "../../kubernetes/caller.ts";
import type { RollOutOptions } from "./roll-out.ts";

export type KubernetesOptions = Omit<RollOutOptions, "target"> & {
  /** Which workloads are restarted; null: none, and the cluster is asked nothing. */
  readonly target: RollOutOptions["target"] | null;
};

/** @param pace what only tests change */
export async function kubernetesConsumer(
  { target, ...options }: KubernetesOptions,
  needs: { readonly clock: Clock },
  pace: Partial<Pace> = {},
): Promise<Consumer> {
  if (target === null) return mountedConsumer(options);
  return (await import("./roll-out.ts")).rollOutConsumer({ ...options, target }, needs, pace);
}

function mountedConsumer({ name, refreshMs, timeoutMs }: Omit<KubernetesOptions, "target">): Consumer {
  return {
    name,
    refreshMs,
    timeoutMs,
    needs: [],
    async notify() {
      return "told";
    },
    async observe() {
      return {
        state: "unprovable",
        instances: [],
        says: "Nothing is restarted: it reads the mounted Secret by itself, and shows nothing of it.",
      };
    },
  };
}
