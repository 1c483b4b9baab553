/**
 * `npm run rotator -- <command>`: the operator's hands. Reads the same configuration as the service;
 * all but `check` and `test-alert` ask the running service through its admin listener.
 * Exit codes: 0 done, 1 refused or unreachable, 2 the command line is at fault, 78 the configuration is.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { pino } from "pino";
import { type Answer, ServiceRefusal, UsageError } from "./cli/answer.ts";
import { refuseSecrets } from "./cli/arguments.ts";
import { check, NO_LEASES, NOTHING_KEPT } from "./cli/check.ts";
import { replace, rollback, rotate, status } from "./cli/commands.ts";
import { sendTestAlert } from "./cli/test-alert.ts";
import type { Config } from "./config/config.ts";
import { readConfig } from "./config/load.ts";
import { ConfigError } from "./core/errors.ts";
import { describeError } from "./core/public-error.ts";

const USAGE = `usage: npm run rotator -- <command> [--json]

  check                             reads the configuration, looks at every store and consumer
  status                            what the running service knows of its keys
  rotate <name> [--grace <time>]    has the running service rotate a key, e.g. --grace 1h
  rotate <name> --revoke-first      kills the secret in use first; asks, unless --yes is given
  replace <name> [--force]          hands another key over; reads it from a prompt or standard input
  rollback <name>                   gives applications the former secret back for a while
  test-alert <channel>              sends one alert through a channel
`;

const OPTIONS = {
  json: { type: "boolean", default: false },
  grace: { type: "string" },
  "revoke-first": { type: "boolean" },
  yes: { type: "boolean" },
  force: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];
type Command = {
  /** What it takes besides `--json`. */
  readonly options: readonly (keyof typeof OPTIONS)[];
  /** What it is the name of; null: it takes none. */
  readonly takes: "key" | "channel" | null;
  readonly run: (config: Config, name: string, values: Values) => Promise<Answer>;
};

const terminal = { input: process.stdin, output: process.stderr };

const COMMANDS: Readonly<Record<string, Command>> = {
  check: {
    options: [],
    takes: null,
    run: async (config) => {
      const { clock, openStore, openConsumer } = (await import("./compose.ts")).ADAPTERS;
      const toLookAt = { clock, random: Math.random, env: process.env, ...NOTHING_KEPT };
      return check(
        config,
        (store, holds) => openStore(store, { clock, leases: NO_LEASES, holds }),
        (consumer) => openConsumer(consumer, toLookAt),
      );
    },
  },
  status: { options: [], takes: null, run: (config) => status(config) },
  rotate: {
    options: ["grace", "revoke-first", "yes"],
    takes: "key",
    run: (config, name, values) => rotate(config, name, values, terminal),
  },
  replace: {
    options: ["force"],
    takes: "key",
    run: (config, name, values) => replace(config, name, values, terminal),
  },
  rollback: { options: [], takes: "key", run: (config, name) => rollback(config, name) },
  "test-alert": {
    options: [],
    takes: "channel",
    run: async (config, name) => {
      const { clock, openChannel } = (await import("./compose.ts")).ADAPTERS;
      const log = pino({ level: "silent" });
      return sendTestAlert(
        config,
        name,
        (channel) => openChannel(channel.name, channel, { clock, log }),
        clock.now(),
      );
    },
  },
};

async function run(args: string[]): Promise<number> {
  refuseSecrets(args);
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [word, name = "", ...rest] = positionals;
  const command = word !== undefined && Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (!command)
    throw new UsageError(word === undefined ? "a command is needed" : `there is no command ${word}`);
  if (command.takes !== null && name === "")
    throw new UsageError(`${word} needs the name of a ${command.takes}`);
  if (rest.length > 0 || (command.takes === null && name !== ""))
    throw new UsageError(`${word} takes ${command.takes === null ? "no name" : "one name"} and nothing more`);
  const known: readonly string[] = ["json", ...command.options];
  const strange = Object.keys(values).find((option) => !known.includes(option));
  if (strange !== undefined) throw new UsageError(`${word} does not take --${strange}`);
  const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
  try {
    const answer = await command.run(config, name, values);
    console.log(values.json ? JSON.stringify(answer.json) : answer.text);
    return answer.ok ? 0 : 1;
  } catch (error) {
    if (!values.json || !(error instanceof ServiceRefusal)) throw error;
    console.log(JSON.stringify(error.problem));
    return 1;
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.exitCode = isUsage ? 2 : error instanceof ConfigError ? 78 : 1;
  console.error(error instanceof Error ? error.message : describeError(error));
  if (isUsage) console.error(`\n${USAGE}`);
}
