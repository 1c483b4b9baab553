/** What `help` prints: made of the table of commands, so that it cannot be wrong. */
import { type Command, type OptionName, OPTIONS } from "./command.ts";

const CALLED = "npm run rotator --";

export function overview(commands: readonly Command[]): string {
  const lines = table(commands.map((command) => [synopsis(command), command.says]));
  return [
    `usage: ${CALLED} <command> [--json]`,
    "",
    ...lines,
    "",
    `One command in detail: ${CALLED} help <command>`,
    "Exit codes: 0 done, 1 refused, failed or not reached, 2 the command line is wrong, 78 the configuration is.",
  ].join("\n");
}

export function detail(command: Command): string {
  const options: readonly OptionName[] = [...command.options, "json"];
  return [
    `usage: ${CALLED} ${synopsis(command)}${options.map((name) => ` [${written(name)}]`).join("")}`,
    "",
    `${command.says}.`,
    "",
    ...table(options.map((name) => [written(name), OPTIONS[name].says])),
    "",
    ...command.examples.map((example) => `  ${CALLED} ${example}`),
  ].join("\n");
}

/** The command with its argument. */
export function synopsis({ word, takes }: Command): string {
  if (!takes) return word;
  return takes.optional ? `${word} [<${takes.noun}>]` : `${word} <${takes.noun}>`;
}

function written(name: OptionName): string {
  const { value } = OPTIONS[name];
  return value === null ? `--${name}` : `--${name} ${value}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
