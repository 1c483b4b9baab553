/** docs/checks.md says what the schema says: names, defaults, and examples that work. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { checkSections, checksSection } from "../../../src/config/checks/checks.ts";

const DOCS = resolve(import.meta.dirname, "../../../docs");
const PAGE = readFileSync(resolve(DOCS, "checks.md"), "utf8");

/** As the configuration reads the environment. */
const substituted = (yaml: string) => yaml.replace(/\$\{\w+\}/g, "sixteen-characters");

type Row = {
  readonly name: string;
  readonly default: string;
  readonly meaning: string;
  readonly example: string;
};

/** The rows of the table below a heading. */
function table(heading: string): Row[] {
  const lines = PAGE.slice(PAGE.indexOf(`\n## ${heading}\n`)).split("\n");
  const rest = lines.slice(lines.findIndex((line) => line.startsWith("| Field ")) + 2);
  return rest.slice(0, rest.indexOf("")).map((line) => {
    const cells = line.slice(1, -1).split(" | ");
    const [name = "", byDefault = "", meaning = "", example = ""] = cells.map((cell) => bare(cell.trim()));
    return { name, default: byDefault, meaning, example };
  });
}

function bare(cell: string): string {
  return cell.replace(/^`([^`]*)`$/, "$1");
}

const Schema = z.object({
  properties: z.record(z.string(), z.object({ default: z.unknown() }).partial()),
  required: z.array(z.string()),
});

function fieldsOf(schema: z.ZodType): { name: string; default: string }[] {
  const { properties, required } = Schema.parse(z.toJSONSchema(schema, { io: "input" }));
  return Object.entries(properties)
    .filter(([name]) => name !== "type")
    .map(([name, field]) => ({
      name,
      default: typeof field.default === "string" ? field.default : required.includes(name) ? "required" : "–",
    }));
}

const COMMON = table("What every check has");

describe.each(checkSections.map((schema) => ({ type: schema.in.shape.type.value, schema })))(
  "the documentation of a check of type $type",
  ({ type, schema }) => {
    const rows = table(type);

    it("lists every field in the schema's order, with its default", () => {
      const all = [...COMMON, ...rows].map(({ name, default: byDefault }) => ({ name, default: byDefault }));
      expect(all).toEqual(fieldsOf(schema));
    });

    it("says of each what it means and gives an example other than the default", () => {
      for (const row of [...COMMON, ...rows]) {
        expect(row.meaning, row.name).toMatch(/\.$/);
        expect(row.example, row.name).not.toBe("");
        expect(row.example, row.name).not.toBe(row.default);
      }
    });

    it("has examples that work, all that may stand together", () => {
      const check: Record<string, unknown> = { type };
      for (const { name, example } of [...COMMON, ...rows]) check[name] = parse(substituted(example));
      if (type === "prometheus") delete check["below"];
      expect(checksSection.safeParse([check]).error?.issues).toBeUndefined();
    });

    it("stands in the table of kinds", () => {
      expect(PAGE).toContain(`\`${type}\``);
    });
  },
);

describe("docs/checks.md", () => {
  const examples = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]): unknown =>
    parse(substituted(yaml)),
  );

  it("shows checks that work", () => {
    const Keys = z.object({ keys: z.array(z.object({ checks: z.array(z.unknown()) })) });
    for (const example of examples) {
      const checks = Keys.safeParse(example).data?.keys[0]?.checks ?? example;
      expect(checksSection.safeParse(checks).error?.issues).toBeUndefined();
    }
    expect(examples).toHaveLength(3);
  });

  it("names scripts that are there", () => {
    const scripts = [...PAGE.matchAll(/\]\((checks\/[\w.-]+)\)/g)].map(([, path = ""]) => path);
    expect(scripts).toHaveLength(2);
    for (const path of scripts) expect(existsSync(resolve(DOCS, path)), path).toBe(true);
  });
});
