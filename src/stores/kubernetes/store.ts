/** Keeps the secrets of one managed key as data keys of a Kubernetes Secret, and the notes on them in an annotation. */
import type { Clock, SecretStore } from "../../core/ports.ts";
import type { Pace } from "../../kubernetes/caller.ts";
import { FieldsStore } from "../fields-store.ts";
import { type KubernetesOptions, KubernetesSecret } from "./document.ts";

export type { KubernetesOptions } from "./document.ts";

/** @param pace what only tests change */
export function kubernetesStore(options: KubernetesOptions, clock: Clock, pace?: Partial<Pace>): SecretStore {
  return new FieldsStore(new KubernetesSecret(options, clock, pace));
}
