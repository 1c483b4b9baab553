/** What a write leaves of an env file's text: everything but our own lines. */
import * as fc from "fast-check";
import { parse } from "dotenv";
import { describe, expect, it } from "vitest";
import type { SlotFields } from "../../../src/core/slot-fields.ts";
import { readFields, withFields } from "../../../src/stores/env-file/fields.ts";
import { VARIABLES } from "../../support/env-file-place.ts";

const NOTHING: SlotFields = { active: null, old: null, pending: null, standby: null, notes: null };

const fields = (some: Partial<SlotFields>): SlotFields => ({ ...NOTHING, ...some });
const write = (text: string, some: Partial<SlotFields>) => withFields(text, VARIABLES, fields(some));
const read = (text: string) => readFields(text, VARIABLES);

/** Notes are JSON: how their characters are written does not count. */
const meaning = ({ notes, ...secrets }: SlotFields): unknown => ({
  ...secrets,
  notes: notes && JSON.parse(notes),
});

const otherLines = (text: string): string =>
  text
    .split(/\r?\n/)
    .filter((line) => !/PADDLE_KEY|paddle-key-rotator/.test(line))
    .join("\n")
    .trimEnd();

describe("a write to an env file", () => {
  it("changes the value of a line and nothing else in the file", () => {
    const text = "# Billing\n\nA=1\nexport B='two words' # why\nACTIVE_PADDLE_KEY=one\n  C = 3\n\n\n#end";
    expect(write(text, { active: "two" })).toBe(text.replace("one", "two"));
  });

  it("puts new lines right after that of the active secret, the notes last", () => {
    expect(
      write("A=1\nACTIVE_PADDLE_KEY=one\nB=2\n", { active: "one", pending: "two", notes: '{"revision":1}' }),
    ).toBe(
      'A=1\nACTIVE_PADDLE_KEY=one\nPENDING_PADDLE_KEY=two\n# paddle-key-rotator ACTIVE_PADDLE_KEY {"revision":1}\nB=2\n',
    );
  });

  it("invents no line for a secret that never was", () => {
    expect(write("ACTIVE_PADDLE_KEY=one\n", { active: "one", old: null, standby: null })).toBe(
      "ACTIVE_PADDLE_KEY=one\n",
    );
  });

  it("leaves the name of a secret that is no more", () => {
    expect(write("OLD_PADDLE_KEY='one'  # former\n", { old: null })).toBe("OLD_PADDLE_KEY=  # former\n");
  });

  it("leaves a line alone whose secret stays empty", () => {
    expect(write('OLD_PADDLE_KEY=""\nACTIVE_PADDLE_KEY=a\n', { active: "b" })).toBe(
      'OLD_PADDLE_KEY=""\nACTIVE_PADDLE_KEY=b\n',
    );
  });

  it("replaces its notes where they are", () => {
    const text = '# paddle-key-rotator ACTIVE_PADDLE_KEY {"revision":1}\nACTIVE_PADDLE_KEY=one\n';
    expect(write(text, { active: "one", notes: '{"revision":2}' })).toBe(text.replace("1}", "2}"));
  });

  it.each([
    ["", "ACTIVE_PADDLE_KEY=one\n"],
    ["\n", "\nACTIVE_PADDLE_KEY=one\n"],
    ["A=1", "A=1\nACTIVE_PADDLE_KEY=one"],
    ["A=1\n", "A=1\nACTIVE_PADDLE_KEY=one\n"],
    ["A=1\r\nB=2", "A=1\r\nB=2\r\nACTIVE_PADDLE_KEY=one"],
    ["A=1\r\n", "A=1\r\nACTIVE_PADDLE_KEY=one\r\n"],
    ["\uFEFF", "\uFEFFACTIVE_PADDLE_KEY=one\n"],
    ["\uFEFFA=1\n", "\uFEFFA=1\nACTIVE_PADDLE_KEY=one\n"],
    ["A=1\nSTANDBY_PADDLE_KEY=\nB=2\n", "A=1\nSTANDBY_PADDLE_KEY=\nACTIVE_PADDLE_KEY=one\nB=2\n"],
  ])("adds the first secret to %j in the way of that file", (before, after) => {
    expect(write(before, { active: "one" })).toBe(after);
  });

  it.each([
    ["\uFEFFACTIVE_PADDLE_KEY=one", "\uFEFFACTIVE_PADDLE_KEY=two"],
    ["ACTIVE_PADDLE_KEY=one\r\nA=1\n", "ACTIVE_PADDLE_KEY=two\r\nA=1\n"],
    ["\t export\tACTIVE_PADDLE_KEY=one", "\t export\tACTIVE_PADDLE_KEY=two"],
    ["ACTIVE_PADDLE_KEY='one'", "ACTIVE_PADDLE_KEY='two'"],
    ['ACTIVE_PADDLE_KEY="one"\t# it\'s "new"', 'ACTIVE_PADDLE_KEY="two"\t# it\'s "new"'],
    ["ACTIVE_PADDLE_KEY=", "ACTIVE_PADDLE_KEY=two"],
  ])("keeps the looks of %j", (before, after) => {
    expect(write(before, { active: "two" })).toBe(after);
  });

  it("gives new lines the export of the active one, but neither its quotes nor its comment", () => {
    expect(write("export ACTIVE_PADDLE_KEY='one' # live\n", { active: "one", pending: "two" })).toBe(
      "export ACTIVE_PADDLE_KEY='one' # live\nexport PENDING_PADDLE_KEY=two\n",
    );
  });

  it("quotes a value that needs it like the active one", () => {
    expect(write('ACTIVE_PADDLE_KEY="one"\nOLD_PADDLE_KEY=\n', { active: "t w o", old: "o n e" })).toBe(
      'ACTIVE_PADDLE_KEY="t w o"\nOLD_PADDLE_KEY="o n e"\n',
    );
  });

  it.each([
    "t w o",
    "a#b",
    "~/a",
    "$HOME",
    "`id`",
    "a\\b",
    "a;b",
    "a'b",
    'a"b',
    "ä",
    "a\nb",
    "a\0b",
    "*",
    "!",
  ])("refuses the value %j in a bare line, and does not say it", (value) => {
    const attempt = () => write("ACTIVE_PADDLE_KEY=one\n", { active: value });
    expect(attempt).toThrow(/the new value of ACTIVE_PADDLE_KEY .* write quotes/);
    expect(attempt).not.toThrow(value);
  });

  it.each([
    ["'", "a'b"],
    ["'", "a\\b"],
    ['"', 'a"b'],
    ['"', "a\\b"],
    ['"', "$HOME"],
    ['"', "`id`"],
    ["'", "ä"],
    ["'", "a\nb"],
  ])("refuses between %s a value that readers would take differently: %j", (quote, value) => {
    expect(() => write(`ACTIVE_PADDLE_KEY=${quote}one${quote}`, { active: value })).toThrow("new value");
  });

  it("adds nothing behind a line that goes on in the next one", () => {
    expect(() => write("A=1\nB=C:\\", { active: "one" })).toThrow("line 2 goes on in the next line");
    expect(write("# C:\\", { active: "one" })).toBe("# C:\\\nACTIVE_PADDLE_KEY=one");
    expect(write("B=C:\\\\", { active: "one" })).toBe("B=C:\\\\\nACTIVE_PADDLE_KEY=one");
  });

  it("keeps to the variables it was given", () => {
    const variables = { active: "P_ACTIVE", old: "P_OLD", pending: "P_PENDING", standby: "P_STANDBY" };
    const ours = 'P_ACTIVE=a\n# paddle-key-rotator P_ACTIVE {"revision":7}\n';
    const theirs = 'ACTIVE_PADDLE_KEY=b\n# paddle-key-rotator ACTIVE_PADDLE_KEY {"revision":9}\n';
    expect(readFields(ours + theirs, variables)).toEqual(fields({ active: "a", notes: '{"revision":7}' }));
    expect(withFields(ours + theirs, variables, fields({ active: "c", notes: '{"revision":8}' }))).toBe(
      `${ours.replace("=a", "=c").replace("7", "8")}${theirs}`,
    );
  });

  it("reads back what it wrote, and leaves every other variable and line, whatever the file", () => {
    const word = fc.stringMatching(/^[\w./:@%+,=-]{1,80}$/);
    const strangeText = fc.string({ unit: fc.constantFrom(..."a =#'\"`\\$:ä\t\u2028".split("")) });
    // dotenv takes what follows U+2028 for a line of its own, and `a:` there for a variable whose value comes next.
    const comment = strangeText.filter((text) => !/\u2028.*:/.test(text)).map((text) => `# ${text}`);
    const otherLine = fc.oneof(
      comment,
      fc.tuple(fc.stringMatching(/^[A-Z]{1,5}$/), word).map(([name, value]) => `${name}_X=${value}`),
      fc.tuple(fc.stringMatching(/^[A-Z]{1,5}$/), word).map(([name, value]) => `${name}_X="a\n${value}"`),
      fc.constantFrom("", "  ", "export A_X", "B_X = ' x '"),
    );
    const ourLine = fc.constantFrom(...Object.values(VARIABLES));
    const property = fc.property(
      fc.array(otherLine, { maxLength: 6 }),
      fc.uniqueArray(ourLine),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      fc.record({
        active: fc.option(word),
        old: fc.option(word),
        pending: fc.option(word),
        standby: fc.option(word),
        notes: fc.option(strangeText.map((intentId) => JSON.stringify({ revision: 1, intentId }))),
      }),
      (others, ours, end, closed, wanted) => {
        const lines = [...others, ...ours.map((name) => `${name}=before`)].join("\n");
        const text = lines.replaceAll("\n", end) + (closed ? end : "");
        const after = withFields(text, VARIABLES, wanted);

        expect(meaning(read(after))).toEqual(meaning(wanted));
        expect(otherLines(after)).toBe(otherLines(text));
        const parsed = parse(after);
        expect(parsed).toMatchObject(
          Object.fromEntries(Object.entries(parse(text)).filter(([name]) => name.endsWith("_X"))),
        );
        expect(parsed[VARIABLES.active] || null).toBe(wanted.active);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
