/** The table of commands: one entry for each. The parts that a command alone needs are loaded when it runs. */
import type { Command } from "./command.ts";
import { detail, overview } from "./help.ts";
import { find } from "./line.ts";
import { plan } from "./plan.ts";
import { replace, rollback, rotate } from "./requests.ts";
import { status } from "./status.ts";

const KEY = { noun: "key", optional: false } as const;

export const COMMANDS: readonly Command[] = [
  {
    word: "check",
    says: "Looks at everything that must be right: configuration, stores, keys, consumers, queue, clock; with the fix",
    takes: null,
    options: [],
    examples: ["check", "check --json"],
    run: async (call) => (await import("./check/command.ts")).runCheck(call),
  },
  {
    word: "status",
    says: "What the running service knows of its keys, or all it knows of one",
    takes: { noun: "key", optional: true },
    options: [],
    examples: ["status", "status billing-worker"],
    run: ({ config, name }) => status(config(), name),
  },
  {
    word: "plan",
    says: "What will happen to each key and when, and the worst outage in each case",
    takes: { noun: "key", optional: true },
    options: [],
    examples: ["plan", "plan billing-worker"],
    run: ({ config, name }) => plan(config(), name),
  },
  {
    word: "rotate",
    says: "Has the running service rotate a key",
    takes: KEY,
    options: ["grace", "revoke-first", "yes"],
    examples: ["rotate billing-worker --grace 1h", "rotate billing-worker --revoke-first"],
    run: ({ config, name, values, terminal }) => rotate(config(), name, values, terminal),
  },
  {
    word: "replace",
    says: "Hands another key over; reads it from a prompt or standard input, never from the command line",
    takes: KEY,
    options: ["force"],
    examples: ["replace billing-worker", "replace billing-worker < new-key.txt"],
    run: ({ config, name, values, terminal }) => replace(config(), name, values, terminal),
  },
  {
    word: "rollback",
    says: "Gives applications the former secret back for a while",
    takes: KEY,
    options: [],
    examples: ["rollback billing-worker"],
    run: ({ config, name }) => rollback(config(), name),
  },
  {
    word: "register",
    says: "Has Paddle send its webhooks here: creates the notification destination, or mends it",
    takes: null,
    options: ["url", "secret-file", "print-secret", "key-from-stdin", "description", "replace"],
    examples: ["register --url https://keys.example.com --secret-file ./webhook-secret"],
    run: async (call) => (await import("./paddle-commands.ts")).runRegister(call),
  },
  {
    word: "simulate",
    says: "Sends the service a signed event, about a key that nobody manages unless --key names one",
    takes: { noun: "event", optional: false },
    options: ["key", "to", "yes"],
    examples: ["simulate api_key.updated", "simulate api_key.expiring --key billing-worker"],
    run: async (call) => (await import("./paddle-commands.ts")).runSimulate(call),
  },
  {
    word: "conformance",
    says: "Asks a real sandbox what Paddle's documentation leaves open, with a key that may be burnt",
    takes: null,
    options: ["key-from-stdin", "new-key-file"],
    examples: ["conformance --key-from-stdin --new-key-file ./burnt.env < sandbox-key.txt"],
    run: async (call) => (await import("./paddle-commands.ts")).runConformance(call),
  },
  {
    word: "test-alert",
    says: "Sends one alert through a channel",
    takes: { noun: "channel", optional: false },
    options: [],
    examples: ["test-alert ops"],
    run: async (call) => (await import("./test-alert.ts")).runTestAlert(call),
  },
  {
    word: "help",
    says: "Explains a command",
    takes: { noun: "command", optional: true },
    options: [],
    examples: ["help rotate"],
    run: async ({ name }) => help(name),
  },
];

/** @param word empty: all of them */
export function help(word: string) {
  const text = word === "" ? overview(COMMANDS) : detail(find(word, COMMANDS));
  const json = { commands: COMMANDS.map(({ word: name, says, options }) => ({ name, says, options })) };
  return { ok: true, text, json };
}
