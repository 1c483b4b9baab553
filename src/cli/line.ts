/** Reads a command line by the table of commands. Throws UsageError, whose message never repeats what may be a secret. */
import { parseArgs } from "node:util";
import { nearest } from "../config/nearest.ts";
import { UsageError } from "./answer.ts";
import { refuseSecrets } from "./arguments.ts";
import { type Command, OPTIONS, type Values } from "./command.ts";

export type Line = {
  readonly command: Command;
  /** Empty: none was given. */
  readonly name: string;
  readonly values: Values;
};

/** null: it asks for help about no command in particular. */
export function readLine(args: readonly string[], commands: readonly Command[]): Line | null {
  refuseSecrets(args);
  const { positionals, values } = parse(args);
  const [word, name = "", ...rest] = positionals;
  if (word === undefined) {
    if (values.help) return null;
    throw new UsageError("a command is needed");
  }
  const command = find(word, commands);
  if (values.help) return { command, name, values };
  const { takes } = command;
  if (takes && !takes.optional && name === "")
    throw new UsageError(`${word} needs the name of ${a(takes.noun)}`);
  if (rest.length > 0 || (!takes && name !== ""))
    throw new UsageError(`${word} takes ${takes ? "one name" : "no name"} and nothing more`);
  const known: readonly string[] = ["json", ...command.options];
  const strange = Object.keys(values).find((option) => !known.includes(option));
  if (strange !== undefined) throw new UsageError(`${word} does not take --${strange}`);
  return { command, name, values };
}

export function find(word: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.word === word);
  if (found) return found;
  const meant = nearest(
    word,
    commands.map((command) => command.word),
  );
  throw new UsageError(`there is no command ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // Node's own words for an unknown option, or one without its value.
    if (error instanceof TypeError && "code" in error) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function a(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
