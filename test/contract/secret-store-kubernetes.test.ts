import { KubernetesPlace } from "../support/stores/kubernetes-place.ts";
import { secretStoreContract } from "./secret-store.contract.ts";

secretStoreContract("a Kubernetes Secret", (data) => KubernetesPlace.open({ data }), "a network");
