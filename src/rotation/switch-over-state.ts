/** What is found out about consumers while they switch over. */
import type { Progress } from "../core/consumer.ts";

/** One consumer, as it was last looked at. `unknown`: it could not be told or looked at. */
export type ConsumerState = { readonly name: string } & (
  Progress | { readonly state: "unknown"; readonly instances: readonly []; readonly says: string }
);

/** What was found out about the consumers of the active secret. */
export type SwitchOverState = {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly consumers: readonly ConsumerState[];
};
