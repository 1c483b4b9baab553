/** docs/conformance.md says what the command asks: each question, what is assumed, and what it means to be wrong. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Question, QUESTIONS } from "../../../src/cli/conformance/questions.ts";

const document = readFileSync(resolve(import.meta.dirname, "../../../docs/conformance.md"), "utf8");
/** Without the spaces that line up tables. */
const rows = document
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

describe("the document about conformance", () => {
  it.each(Object.values<Question>(QUESTIONS))("has the row of: $asks", ({ asks, assumed, unlessSo }) => {
    const cells = [asks, assumed ?? "nothing", ...(unlessSo === undefined ? [] : [unlessSo])];
    expect(rows).toContainEqual(["", ...cells, ""]);
  });

  it("has no other questions", () => {
    const asked = rows.map(([, cell = ""]) => cell).filter((cell) => cell.endsWith("?"));
    expect(asked.toSorted()).toEqual(
      Object.values(QUESTIONS)
        .map(({ asks }) => asks)
        .toSorted(),
    );
  });
});
