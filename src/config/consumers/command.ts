/** A consumer of type command: a program on this machine makes the application switch over, and another one looks. */
import { z } from "zod";
import { mustBe, text } from "../fields.ts";
import { section } from "../section.ts";
import { commonFields, type ConsumerCommon, withCommon } from "./common.ts";

export type CommandConfig = ConsumerCommon & {
  readonly type: "command";
  /** The program and its arguments, as they are: no shell reads them. */
  readonly run: readonly [string, ...string[]];
  /** null: what the application uses cannot be looked up. */
  readonly verify: readonly [string, ...string[]] | null;
  /** Names of variables of the rotator's environment. */
  readonly env: readonly string[];
};

const WORDS = "a list: a program, by its absolute path or its name in PATH, and its arguments";

const argument = z.string({ error: mustBe("text (in quotes if it is a number)") }).refine(
  // The system ends an argument at the first NUL.
  (word) => !word.includes("\0"),
  { error: mustBe("text without NUL") },
);

const program = argument.refine((path) => path !== "" && (path.startsWith("/") || !path.includes("/")), {
  error: mustBe("a program: an absolute path, or a name to be found in PATH; no shell reads it"),
});

/** At most as much as every system can start. */
export const argv = z
  .tuple([program], argument, { error: mustBe(WORDS) })
  .refine((list) => list.length <= 100, {
    error: mustBe(`${WORDS}, 100 at most`),
  });

/** They open the rotator itself. */
const OWN_SECRETS =
  /^(PADDLE_WEBHOOK_SECRETS|ADMIN_PASSWORD|ADMIN_TOKEN|ADMIN_VIEWER_PASSWORD|ADMIN_VIEWER_TOKEN|QUEUE_URL)$/;

const variable = text(
  "the name of a variable such as AWS_REGION, and none that holds the rotator's own secrets",
  (name) => /^[A-Za-z_]\w{0,99}$/.test(name) && !OWN_SECRETS.test(name),
);

/** Names of variables that a program gets as well. */
export const variables = z
  .array(variable, { error: mustBe("a list of names of variables") })
  .max(50, { error: mustBe("a list of 50 names at most") });

export const command = section({
  type: z.literal("command"),
  ...commonFields,
  run: argv,
  verify: argv.optional(),
  env: variables.optional(),
}).transform(({ verify = null, env = [], ...given }): CommandConfig => ({
  ...withCommon(given),
  verify,
  env,
}));
