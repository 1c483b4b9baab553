/** A check of type command: a program on this machine looks, and its exit code says what it saw. */
import { z } from "zod";
import type { Check } from "../../core/check.ts";
import { argv } from "../consumers/command.ts";
import { duration, mustBe, text } from "../fields.ts";
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

/** They open the rotator itself. */
const OWN_SECRETS = /^(PADDLE_WEBHOOK_SECRETS|ADMIN_PASSWORD|ADMIN_TOKEN|QUEUE_URL)$/;

const variable = text(
  "the name of a variable such as AWS_REGION, and none that holds the rotator's own secrets",
  (name) => /^[A-Za-z_]\w{0,99}$/.test(name) && !OWN_SECRETS.test(name),
);

export const command = section({
  type: z.literal("command"),
  ...commonFields,
  run: argv,
  failures,
  env: z
    .array(variable, { error: mustBe("a list of names of variables") })
    .max(50, { error: mustBe("a list of 50 names at most") })
    .optional(),
  timeout: duration("a duration from 1s to 1m, such as 30s", (ms) => ms >= 1_000 && ms <= 60_000).prefault(
    "20s",
  ),
}).transform(({ env, timeout, ...given }): CommandCheckConfig => ({
  ...withCommon({ ...given, for: 0 }),
  env: env ?? [],
  timeoutMs: timeout,
}));
