/** A consumer of type command: a program on this machine makes the application switch over, and another one looks. */
import { z } from "zod";
import { mustBe } from "../fields.ts";
import { section } from "../section.ts";
import { commonFields, type ConsumerCommon, withCommon } from "./common.ts";

export type CommandConfig = ConsumerCommon & {
  readonly type: "command";
  /** The program and its arguments, as they are: no shell reads them. */
  readonly run: readonly [string, ...string[]];
  /** null: what the application uses cannot be looked up. */
  readonly verify: readonly [string, ...string[]] | null;
};

const WORDS = "a list: a program, by its absolute path or its name in PATH, and its arguments";

const argument = z.string({ error: mustBe("text (in quotes if it is a number)") }).refine(
  // The system ends an argument at the first NUL.
  (text) => !text.includes("\0"),
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

export const command = section({
  type: z.literal("command"),
  ...commonFields,
  run: argv,
  verify: argv.optional(),
}).transform(({ verify = null, ...given }): CommandConfig => ({ ...withCommon(given), verify }));
