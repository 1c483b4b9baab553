/** How the tables of settings are brought up to the schema. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readTable, withFields } from "../../../tools/documentation/markdown-table.ts";
import { fieldsOf, typeOf } from "../../../tools/documentation/schema-fields.ts";

const PAGE = `# Page

| Field | Default | Meaning | Example |
| --- | --- | --- | --- |
| \`a\` | \`1\` | How many. | \`2\` |
| \`b\` | – | One \`x\` \\| or another. | \`x, y\` |

## Other

words

| Field | Default | Meaning | Example |
| --- | --- | --- | --- |
| \`c\` | required | Which. | \`z\` |

The end.
`;

describe("a table of settings", () => {
  it("is read from where it stands", () => {
    expect(readTable(PAGE, { column: "Field" })).toEqual([
      { name: "a", default: "1", meaning: "How many.", example: "2" },
      { name: "b", default: "–", meaning: "One `x` \\| or another.", example: "x, y" },
    ]);
    expect(readTable(PAGE, { under: "Other", column: "Field" })).toEqual([
      { name: "c", default: "required", meaning: "Which.", example: "z" },
    ]);
  });

  it.each([{ under: "Elsewhere", column: "Field" } as const, { column: "Variable" } as const])(
    "is missed aloud where there is none: %j",
    (place) => {
      expect(() => readTable(PAGE, place)).toThrow("there is no table of settings");
    },
  );

  it("takes names, defaults and order from the schema, and keeps the words", () => {
    const fields = [
      { name: "b", default: "required" },
      { name: "new", default: "5m" },
      { name: "a", default: "–" },
    ];
    const page = withFields(PAGE, { column: "Field" }, fields);
    expect(readTable(page, { column: "Field" })).toEqual([
      { name: "b", default: "required", meaning: "One `x` \\| or another.", example: "x, y" },
      { name: "new", default: "5m", meaning: "", example: "" },
      { name: "a", default: "–", meaning: "How many.", example: "2" },
    ]);
    expect(page.slice(page.indexOf("## Other"))).toBe(PAGE.slice(PAGE.indexOf("## Other")));
  });

  it("loses what the schema has no more", () => {
    expect(withFields(PAGE, { under: "Other", column: "Field" }, [])).not.toContain("Which.");
  });
});

describe("the fields of a schema", () => {
  const schema = z.object({
    type: z.literal("sample"),
    name: z.string(),
    size: z.string().prefault("5"),
    place: z.object({ host: z.string(), port: z.string().optional() }).optional(),
    list: z.array(z.object({ id: z.string() })),
    words: z.array(z.string()).optional(),
  });

  it("are those that have no fields of their own, in its order, without its type", () => {
    expect(fieldsOf(schema)).toEqual([
      { name: "name", default: "required" },
      { name: "size", default: "5" },
      { name: "place.host", default: "required" },
      { name: "place.port", default: "–" },
      { name: "list[].id", default: "required" },
      { name: "words", default: "–" },
    ]);
    expect(typeOf(schema)).toBe("sample");
  });

  it("leave to another page what is told there, and may be sparing with what is required", () => {
    const names = fieldsOf(schema, { elsewhere: ["place", "list"], sparing: true });
    expect(names.map(({ name }) => name)).toEqual(["name", "size", "place", "list", "words"]);
    const sparing = fieldsOf(schema, { sparing: true }).find(({ name }) => name === "place.host");
    expect(sparing?.default).toBe("–");
  });
});
