/** What a command is: its line in the table of commands.ts, from which the help, docs/cli.md and the parsing follow. */
import type { Config } from "../config/config.ts";
import type { Answer } from "./answer.ts";
import type { Terminal } from "./terminal.ts";

/** Every option of every command. `value`: what it takes, for people. */
export const OPTIONS = {
  json: { type: "boolean", value: null, says: "the answer as one line of JSON, for programs" },
  help: { type: "boolean", value: null, says: "this text" },
  grace: { type: "string", value: "<time>", says: "how long the former secret works on: 0, 30m, 24h" },
  "revoke-first": {
    type: "boolean",
    value: null,
    says: "kill the secret in use before there is another one",
  },
  yes: { type: "boolean", value: null, says: "do not ask me to confirm it" },
  force: { type: "boolean", value: null, says: "accept faults that may be overridden" },
  url: { type: "string", value: "<https://…>", says: "where Paddle reaches this service" },
  "secret-file": {
    type: "string",
    value: "<path>",
    says: "where the webhook secret is kept, readable by this user only",
  },
  "print-secret": { type: "boolean", value: null, says: "print the webhook secret" },
  "key-from-stdin": { type: "boolean", value: null, says: "use the Paddle API key that is piped in" },
  description: { type: "string", value: "<text>", says: "what Paddle's dashboard calls the destination" },
  replace: { type: "boolean", value: null, says: "overwrite another secret in the file" },
  key: { type: "string", value: "<name>", says: "about this managed key: the service acts" },
  to: { type: "string", value: "<url>", says: "another address than HOST and PORT" },
  "new-key-file": {
    type: "string",
    value: "<path>",
    says: "where each new secret is saved before its first use",
  },
} as const satisfies Record<string, Option>;

type Option =
  | { readonly type: "boolean"; readonly value: null; readonly says: string }
  | { readonly type: "string"; readonly value: string; readonly says: string };

export type OptionName = keyof typeof OPTIONS;

/** What was given. */
export type Values = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name]["type"] extends "boolean" ? boolean : string;
};

export type Call = {
  /** Reads the configuration. Throws ConfigError. */
  readonly config: () => Config;
  /** The name it was given; empty where none was. */
  readonly name: string;
  readonly values: Values;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
};

export type Command = {
  readonly word: string;
  /** What it does, in one line. */
  readonly says: string;
  /** What its one argument is the name of; null: it takes none. */
  readonly takes: {
    readonly noun: "key" | "channel" | "event" | "command";
    readonly optional: boolean;
  } | null;
  /** Besides `--json` and `--help`. */
  readonly options: readonly OptionName[];
  /** What follows `npm run rotator --`. The first is for docs/cli.md, too. */
  readonly examples: readonly string[];
  readonly run: (call: Call) => Promise<Answer>;
};
