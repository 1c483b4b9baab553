/** Env files that readers understand differently are refused instead of guessed at. */
import { describe, expect, it } from "vitest";
import { readFields } from "../../../src/stores/env-file/fields.ts";
import { VARIABLES } from "../../support/env-file-place.ts";

const read = (text: string) => readFields(text, VARIABLES);

describe("an env file", () => {
  it.each([
    ["twice", "ACTIVE_PADDLE_KEY=a\nB=1\nACTIVE_PADDLE_KEY=a\n"],
    ["once plain and once with export", "ACTIVE_PADDLE_KEY=a\nB=1\nexport ACTIVE_PADDLE_KEY=a\n"],
    ["once plain and once as dotenv also takes it", "ACTIVE_PADDLE_KEY=a\nB=1\nACTIVE_PADDLE_KEY: b\n"],
    [
      "once plain and once behind a lone carriage return",
      "ACTIVE_PADDLE_KEY=a\n\nB=1\rACTIVE_PADDLE_KEY=b\n",
    ],
  ])("is refused if it sets a variable %s", (_, text) => {
    expect(() => read(text)).toThrow("lines 1 and 3 both hold ACTIVE_PADDLE_KEY");
  });

  it("is refused if it has two notes on the same key", () => {
    const notes = '# paddle-key-rotator ACTIVE_PADDLE_KEY {"revision":1}\n';
    expect(() => read(notes + notes)).toThrow("lines 1 and 2 both hold the notes on ACTIVE_PADDLE_KEY");
  });

  it.each([
    "ACTIVE_PADDLE_KEY =a",
    "ACTIVE_PADDLE_KEY= a",
    "ACTIVE_PADDLE_KEY: a",
    "ACTIVE_PADDLE_KEY:",
    "ACTIVE_PADDLE_KEY=a b",
    "ACTIVE_PADDLE_KEY=a#b",
    "ACTIVE_PADDLE_KEY='a'b",
    "ACTIVE_PADDLE_KEY='a'# b",
    "ACTIVE_PADDLE_KEY='a",
    'ACTIVE_PADDLE_KEY=a"b',
    "ACTIVE_PADDLE_KEY=`a`",
    "ACTIVE_PADDLE_KEY=$OTHER",
    'ACTIVE_PADDLE_KEY="$OTHER"',
    "ACTIVE_PADDLE_KEY=~a",
    "ACTIVE_PADDLE_KEY=a;b",
    "ACTIVE_PADDLE_KEY=a\\",
    "ACTIVE_PADDLE_KEY='a\nb'",
    "ACTIVE_PADDLE_KEY=a\rB=1",
    "ACTIVE_PADDLE_KEY=a # b\u2028c",
    "B=1\rACTIVE_PADDLE_KEY=a",
    "# B\u2028ACTIVE_PADDLE_KEY=a",
    "\u00A0ACTIVE_PADDLE_KEY=a",
    "ACTIVE_PADDLE_KEY\n=a",
    "ACTIVE_PADDLE_KEY:\n=a",
    "B\u2028ACTIVE_PADDLE_KEY:\n=a",
  ])("is refused if it has the line %j", (line) => {
    expect(() => read(`A=1\n${line}\n`)).toThrow("line 2 sets ACTIVE_PADDLE_KEY in a way");
  });

  it.each(["ACTIVE_PADDLE_KEY=\n'a'\n", 'ACTIVE_PADDLE_KEY= \n\n  "a"\n', "ACTIVE_PADDLE_KEY=\n`a`\n"])(
    "is refused if a variable is empty to some readers and has the next line to others: %j",
    (text) => {
      expect(() => read(text)).toThrow(
        "line 1 sets ACTIVE_PADDLE_KEY to nothing, and some readers take line",
      );
    },
  );

  it("may set a variable to nothing before any other line", () => {
    expect(() => read("ACTIVE_PADDLE_KEY=\n# 'a'\nB='a'\n")).not.toThrow();
  });

  it.each([
    ["a quoted value", "A='\nACTIVE_PADDLE_KEY=a\n'\n"],
    ["a value in double quotes with escaped ones", 'A="b\\"\nACTIVE_PADDLE_KEY=a\n" # c\n'],
    ["a value in backticks", "export A = `\nACTIVE_PADDLE_KEY=a\n`\n"],
    ["a line that ends with a backslash", "A=b\\\nACTIVE_PADDLE_KEY=a\n"],
    ["a line that ends with three backslashes", "A=b\\\\\\\nACTIVE_PADDLE_KEY=a\n"],
  ])("is refused if a variable is a part of %s", (_, text) => {
    expect(() => read(text)).toThrow(
      "line 2 holds ACTIVE_PADDLE_KEY but to some readers is a part of the value that begins in line 1",
    );
  });

  it.each([
    ["an apostrophe in a value", "A=it's\nACTIVE_PADDLE_KEY=a\nB=it's\n"],
    ["a quote that never closes", "A='\nACTIVE_PADDLE_KEY=a\n"],
    ["quoted values before and after", "A='b'\nACTIVE_PADDLE_KEY=a\nB='c'\n"],
    ["quotes that do not belong together", "A='b\nACTIVE_PADDLE_KEY=a\nB='c'\n"],
    ["a value of several lines before", 'A="\nb\n"\nACTIVE_PADDLE_KEY=a\n'],
    ["an even number of backslashes", "A=b\\\\\nACTIVE_PADDLE_KEY=a\n"],
    ["a comment with a backslash", "# b\\\nACTIVE_PADDLE_KEY=a\n"],
    ["a comment with quotes", "# A='b\nACTIVE_PADDLE_KEY=a\n# '\n"],
    ["the name in a comment", "# ACTIVE_PADDLE_KEY=b\nACTIVE_PADDLE_KEY=a\n"],
    ["the name as a part of another", "MY_ACTIVE_PADDLE_KEY=b\nACTIVE_PADDLE_KEY=a\nACTIVE_PADDLE_KEY_2=c\n"],
    ["the name without a value", "ACTIVE_PADDLE_KEY=a\nexport ACTIVE_PADDLE_KEY\n"],
    ["white space behind the value", "ACTIVE_PADDLE_KEY=a \t\n"],
  ])("is read in spite of %s", (_, text) => {
    expect(read(text).active).toBe("a");
  });

  it("is refused without a word of what it holds", () => {
    for (const text of ["ACTIVE_PADDLE_KEY=ca na ry\n", "ACTIVE_PADDLE_KEY=ca\nACTIVE_PADDLE_KEY=na\n"])
      expect(() => read(text)).not.toThrow(/\b(ca|na|ry)\b/);
  });
});
