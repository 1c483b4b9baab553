/** Whoever is woken finds, for whatever woke them, the next thing to do, and it can be done. */
import { readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { RUNBOOK, runbookEntry } from "../../../src/alerts/runbook.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { readLine } from "../../../src/cli/line.ts";
import type { KeyState } from "../../../src/overview/key-view.ts";
import { runbookFile } from "./runbook-file.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const FILE = join(ROOT, "docs/runbook.md");
const CALLED = "npm run rotator -- ";

const commands = RUNBOOK.flatMap(({ kind, actions }) =>
  actions.flatMap(({ command }) => (command === undefined ? [] : [{ kind, command }])),
);

describe("the runbook", () => {
  it("is the file docs/runbook.md (UPDATE_DOCS=1 writes it)", () => {
    if (process.env["UPDATE_DOCS"]) writeFileSync(FILE, runbookFile());
    expect(readFileSync(FILE, "utf8")).toBe(runbookFile());
  });

  it("has each kind once, and finds it", () => {
    const kinds = RUNBOOK.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const entry of RUNBOOK) expect(runbookEntry(entry.kind)).toBe(entry);
    expect(runbookEntry("no-such-kind")).toBeUndefined();
    expect(runbookEntry("constructor")).toBeUndefined();
  });

  it("has no kind that nothing raises", async () => {
    const source = await sourceOfAlerts();
    const isRaised = (kind: string) => source.includes(`"${kind}"`) || /^key-(expired|revoked)$/.test(kind);
    const alerts = RUNBOOK.map(({ kind }) => kind).filter((kind) => !kind.startsWith("state-"));
    expect(alerts.filter((kind) => !isRaised(kind))).toEqual([]);
  });

  it("has an entry for each state that a key can be in", () => {
    const states = {
      steady: true,
      pending: true,
      "in-grace": true,
      retiring: true,
      "rolled-back": true,
      "legacy-key": true,
      "no-active-secret": true,
      "store-unreachable": true,
    } satisfies Record<KeyState, true>;
    expect(Object.keys(states).filter((state) => !runbookEntry(`state-${state}`))).toEqual([]);
  });

  it("names no entry and no alert that does not exist", () => {
    const words = /`([a-z]+(?:-[a-z]+)+)`/g;
    const named = RUNBOOK.flatMap((entry) =>
      [entry.meaning, entry.endsWhen, ...entry.actions.map(({ does }) => does)].flatMap((text) =>
        [...text.matchAll(words)].map(([, word = ""]) => word),
      ),
    );
    const isCommand = (word: string) => COMMANDS.some((command) => command.word === word);
    const isJob = (word: string) => word === "revoke-first";
    expect(named.filter((word) => !runbookEntry(word) && !isCommand(word) && !isJob(word))).toEqual([]);
  });
});

describe("each entry", () => {
  it.each(RUNBOOK)(
    "$kind is in whole sentences, and says what ends it",
    ({ title, meaning, actions, endsWhen }) => {
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      for (const text of [meaning, endsWhen, ...actions.map(({ does }) => does)])
        expect(text).toMatch(/^[A-Z].*[.?)]$/s);
      expect(endsWhen).toMatch(/^(At once|By itself|By your act|When )/);
    },
  );

  it("that is critical has something to do", () => {
    const urgent = RUNBOOK.filter(({ severities }) => severities.includes("critical"));
    expect(urgent.filter(({ actions }) => actions.length === 0)).toEqual([]);
  });

  it("that only a person ends says how, and one without anything to do ends by itself", () => {
    const helpless = RUNBOOK.filter(
      ({ actions, endsWhen }) => actions.length === 0 && endsWhen.startsWith("By your act"),
    );
    expect(helpless).toEqual([]);
  });

  it.each(commands)("$kind: `$command` is a command that there is", ({ command }) => {
    if (!command.startsWith(CALLED)) return expect(command).toBe("timedatectl");
    expect(lineOf(command)).not.toBeNull();
  });

  it("whose command only works with an option, or only says it about one key, gives that", () => {
    const lines = commands.flatMap(({ kind, command }) => ({ kind, ...lineOf(command) }));
    const without = (word: string, given: (line: (typeof lines)[number]) => unknown) =>
      lines.filter((line) => line.command?.word === word && !given(line)).map(({ kind }) => kind);
    expect(without("register", ({ values }) => values?.url)).toEqual([]);
    // The list of all keys asks Paddle about none.
    expect(without("status", ({ name }) => name)).toEqual([]);
  });

  it("leads to pages that there are", () => {
    const pages = RUNBOOK.flatMap(({ actions }) => actions.flatMap(({ page }) => page ?? []));
    expect(new Set(pages)).toEqual(new Set(["/keys/<name>", "/queues"]));
  });
});

/** As the command line takes it, with a name in the place of each placeholder. null: it is none of ours. */
function lineOf(command: string) {
  if (!command.startsWith(CALLED)) return null;
  const typed = command.slice(CALLED.length).replaceAll(/<[\w ]+>/g, "billing-worker");
  return readLine(typed.split(" "), COMMANDS);
}

/** Where alerts are made, but for the runbook and the list of kinds. */
async function sourceOfAlerts(): Promise<string> {
  const folders = ["alerts", "queue", "webhook"].map((folder) => join(ROOT, "src", folder));
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))),
  );
  const sources = files.flat().filter((path) => path.endsWith(".ts") && !path.endsWith("runbook.ts"));
  return (await Promise.all(sources.map((path) => readFile(path, "utf8")))).join("\n");
}
