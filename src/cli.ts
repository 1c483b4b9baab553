/**
 * `npm run rotator -- <command>`: the operator's hands. Reads the same configuration as the service. `check`,
 * `register`, `simulate`, `conformance` and `test-alert` do their own work; the others ask the running service through
 * its admin listener.
 * Exit codes: 0 done, 1 refused, failed or not reached, 2 the command line is at fault, 78 the configuration is.
 */
import { readFileSync } from "node:fs";
import { type Answer, ServiceRefusal, UsageError } from "./cli/answer.ts";
import { COMMANDS, help } from "./cli/commands.ts";
import { readLine } from "./cli/line.ts";
import { readConfig } from "./config/load.ts";
import { ConfigError } from "./core/errors.ts";
import { describeError } from "./core/public-error.ts";

/** What a neighbour that does not answer may keep us from ending once everything is said. */
const LINGER_MS = 1_000;

const args = process.argv.slice(2);

async function run(): Promise<Answer> {
  const line = readLine(args, COMMANDS);
  if (!line) return help("");
  const { command, name, values } = line;
  if (values.help) return help(command.word);
  const { env } = process;
  return command.run({
    config: () => readConfig({ env, readFile: (path) => readFileSync(path, "utf8") }),
    name,
    values,
    env,
    terminal: { input: process.stdin, output: process.stderr },
  });
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  return error instanceof ConfigError ? 78 : 1;
}

const forPrograms = args.includes("--json");
try {
  const answer = await run();
  console.log(forPrograms ? JSON.stringify(answer.json) : answer.text);
  process.exitCode = answer.exitCode ?? (answer.ok ? 0 : 1);
} catch (error) {
  process.exitCode = exitCodeOf(error);
  const fault = error instanceof Error ? error.message : describeError(error);
  // What is wrong with the command line is for whoever wrote it.
  if (forPrograms && !(error instanceof UsageError))
    console.log(JSON.stringify(error instanceof ServiceRefusal ? error.problem : { ok: false, fault }));
  else console.error(fault);
  if (error instanceof UsageError) console.error(`\n${help("").text}`);
}
setTimeout(() => process.exit(), LINGER_MS).unref();
