/** Workloads in a Kubernetes cluster, by name and by label, and those that are left to themselves. */
import { openKubernetesPlace } from "../support/consumers/kubernetes-place.ts";
import { NAMESPACE } from "../support/consumers/kubernetes-cluster.ts";
import { consumerContract } from "./consumer.contract.ts";

const selector = { labels: "app=billing", kinds: ["deployment", "statefulset", "daemonset"] as const };

consumerContract("kubernetes, by name", () => openKubernetesPlace(), "instances");
consumerContract(
  "kubernetes, by label",
  () => openKubernetesPlace({ target: { namespace: NAMESPACE, workloads: null, selector } }),
  "instances",
);
