/** What may happen to a managed key, one act after the other. */
import type { Move } from "./stepped-worker.ts";
import type { WorldOptions } from "./world.ts";

/** What our own machines do, and the network. */
export type Deed =
  /** The worker takes a job that is due, if it has none, and does so many effects of it. */
  | { readonly act: "work"; readonly worker: 0 | 1; readonly effects: number }
  | { readonly act: "mishap"; readonly worker: 0 | 1; readonly move: Exclude<Move, "goes on"> }
  /** The worker takes the job that the other one has. */
  | { readonly act: "take over"; readonly worker: 0 | 1 }
  /** One of the webhooks on their way comes; `again`: it comes once more later. */
  | { readonly act: "webhook"; readonly which: number; readonly again: boolean }
  | { readonly act: "time"; readonly ms: number }
  | { readonly act: "swept" };

/** What others do to the active key. */
export type Fate =
  | { readonly act: "exposed"; readonly revoked: boolean }
  | { readonly act: "revoked" | "reactivated" | "expired" | "warned" }
  | { readonly act: "thief"; readonly activates: boolean; readonly graceSeconds: number };

/** What our own people do. `countered`: as the policy has it, when somebody else rotates. */
export type Wish =
  | { readonly act: "asked"; readonly job: "rotate" | "revoke-first" }
  | { readonly act: "rolled back" | "brought" | "countered" | "backup" | "restored" };

export type Act = Deed | Fate | Wish;

export type Story = {
  readonly options: WorldOptions;
  readonly acts: readonly Act[];
  /** Whether webhooks that never came are found in the list of past events. */
  readonly catchesUp: boolean;
};

const DEEDS: readonly string[] = ["work", "mishap", "take over", "webhook", "time", "swept"];
const FATES: readonly string[] = ["exposed", "revoked", "reactivated", "expired", "warned", "thief"];

export function isDeed(what: Act): what is Deed {
  return DEEDS.includes(what.act);
}

export function isFate(what: Act): what is Fate {
  return FATES.includes(what.act);
}

/** Nothing that may end a key, put another one in its place, or make the store forget. */
export function isPeaceful(what: Act): boolean {
  if (what.act === "exposed") return !what.revoked;
  return !["revoked", "expired", "thief", "brought", "restored"].includes(what.act);
}
