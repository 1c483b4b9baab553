/** How answers are judged: what is relied on, what only differs, and what was not asked. */
import { describe, expect, it } from "vitest";
import { broken, Findings, linesOf } from "../../../src/cli/conformance/findings.ts";
import type { QuestionId } from "../../../src/cli/conformance/questions.ts";

function judged(id: QuestionId, answer: string | null) {
  const findings = new Findings();
  if (answer !== null) findings.note(id, answer);
  const only = findings.all.filter((finding) => finding.id === id);
  return { lines: linesOf(only), broken: broken(only).map((finding) => finding.id) };
}

describe("a finding", () => {
  it("fails the command where the rotator relies on what is not so, and says what it means", () => {
    const { lines, broken: ids } = judged("second-cancels", "pending");
    expect(ids).toEqual(["second-cancels"]);
    expect(lines[0]).toBe("WRONG   What does a second rotation make of a pending one? pending");
    expect(lines[1]).toBe("        assumed: canceled");
    expect(lines[2]).toMatch(/^ {8}which means: .+issuing again is not safe/);
  });

  it("only differs where the rotator does not rely on it", () => {
    const { lines, broken: ids } = judged("other-key", "404 not_found");
    expect(ids).toEqual([]);
    expect(lines).toEqual([
      "differs What is a key told that rotates another key? 404 not_found",
      "        assumed: 403 forbidden",
    ]);
  });

  it("is found where nothing is assumed, and agrees where it is as assumed", () => {
    expect(judged("list-order", "newest first").lines[0]).toMatch(/^found {3}/);
    expect(judged("second-cancels", "canceled").lines).toEqual([
      "ok      What does a second rotation make of a pending one? canceled",
    ]);
  });

  it("is open where it was not asked, and does not count as wrong", () => {
    expect(judged("second-cancels", null)).toEqual({
      lines: ["-       What does a second rotation make of a pending one? not asked"],
      broken: [],
    });
  });
});
