/** What a command line means, and what is said to whoever mistyped it. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/answer.ts";
import { COMMANDS, help } from "../../../src/cli/commands.ts";
import { synopsis } from "../../../src/cli/help.ts";
import { readLine } from "../../../src/cli/line.ts";

const line = (...args: string[]) => readLine(args, COMMANDS);
const fault = (...args: string[]): string => {
  try {
    readLine(args, COMMANDS);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("the command line was taken");
};

describe("a command line", () => {
  it("is a command, a name and what the command takes", () => {
    expect(line("rotate", "billing", "--grace", "1h", "--json")).toMatchObject({
      command: { word: "rotate" },
      name: "billing",
      values: { grace: "1h", json: true },
    });
    expect(line("status")).toMatchObject({ command: { word: "status" }, name: "" });
  });

  it("asks for help about everything, or about one command, whatever is missing of it", () => {
    expect(line("--help")).toBeNull();
    expect(line("rotate", "--help")).toMatchObject({ command: { word: "rotate" }, values: { help: true } });
  });

  it.each([
    ["chekc", "did you mean check?"],
    ["rolback", "did you mean rollback?"],
    ["test-alerts", "did you mean test-alert?"],
    ["constructor", /^there is no command constructor$/],
  ])("with the unknown command %s says so", (word, says) => {
    expect(fault(word)).toMatch(says);
  });
});

describe("help", () => {
  it("names every command", () => {
    for (const command of COMMANDS) expect(help("").text).toContain(`  ${synopsis(command)} `);
  });

  it("explains every option and gives examples that can be typed", () => {
    for (const { word, options, examples } of COMMANDS) {
      const { text } = help(word);
      for (const option of options) expect(text).toContain(`--${option}`);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        expect(text).toContain(example);
        const typed = example.replace(/ <.*/, "").split(" ");
        expect(line(...typed)?.command.word).toBe(word);
      }
    }
  });
});

describe("docs/cli.md", () => {
  const text = readFileSync(resolve(import.meta.dirname, "../../../docs/cli.md"), "utf8");
  const sections = new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split("\n")[0]?.replaceAll("`", ""), section]),
  );

  it("has a section for every command, with its options and examples, and for no other", () => {
    const commands = COMMANDS.map((command) => synopsis(command));
    expect([...sections.keys()].filter((title) => title !== "Exit codes")).toEqual(commands);
    for (const command of COMMANDS) {
      const section = sections.get(synopsis(command)) ?? "";
      for (const option of command.options) expect(section).toContain(`\`--${option}`);
      for (const example of command.examples) expect(section).toContain(`npm run rotator -- ${example}`);
    }
  });

  it("has every exit code", () => {
    const codes = [...(sections.get("Exit codes") ?? "").matchAll(/^\| `(\d+)` /gm)].map(([, code]) => code);
    expect(codes).toEqual(["0", "1", "2", "78"]);
  });
});
