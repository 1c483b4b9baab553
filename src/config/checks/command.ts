/** A check of type command: a program on this machine looks, and its exit code says what it saw. */
import { z } from "zod";
import type { Check } from "../../core/check.ts";
import { argv, variables } from "../consumers/command.ts";
import { duration } from "../fields.ts";
import { section } from "../section.ts";
import { commonFields, failures, withCommon } from "./common.ts";

export type CommandCheckConfig = Omit<Check, "look"> & {
  readonly type: "command";
  /** The program and its arguments, as they are: no shell reads them. */
  readonly run: readonly [string, ...string[]];
  /** Names of variables of the rotator's environment. */
  readonly env: readonly string[];
  readonly timeoutMs: number;
};

export const command = section({
  type: z.literal("command"),
  ...commonFields,
  run: argv,
  failures,
  env: variables.optional(),
  timeout: duration("a duration from 1s to 1m, such as 30s", (ms) => ms >= 1_000 && ms <= 60_000).prefault(
    "20s",
  ),
}).transform(({ env, timeout, ...given }): CommandCheckConfig => ({
  ...withCommon({ ...given, for: 0 }),
  env: env ?? [],
  timeoutMs: timeout,
}));
