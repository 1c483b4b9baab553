/** docs/consumers.md says what the schema says: names, defaults, and examples that work. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { command } from "../../../src/config/consumers/command.ts";
import { consumersSection } from "../../../src/config/consumers/consumers.ts";
import { http } from "../../../src/config/consumers/http.ts";
import { none } from "../../../src/config/consumers/none.ts";

const PAGE = readFileSync(resolve(import.meta.dirname, "../../../docs/consumers.md"), "utf8");

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const VARIABLES: Readonly<Record<string, string>> = {
  BILLING_NOTIFICATION_SECRET: SECRET,
  BILLING_VERIFY_TOKEN: "sixteen-characters",
  BILLING_ATTEST_TOKEN: "sixteen-characters",
};

/** As the configuration reads the environment. */
function substituted(yaml: string): string {
  return yaml.replace(/\$\{(\w+)\}/g, (reference, name: string) => VARIABLES[name] ?? reference);
}

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

const Node = z.object({
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
});

type Field = { readonly name: string; readonly default: string };

function fieldsOf(schema: unknown, path = "", isRequired = false): Field[] {
  const node = Node.parse(schema);
  if (node.properties)
    return Object.entries(node.properties).flatMap(([name, inner]) =>
      // What is required in a section that may be left out is not required of everybody.
      fieldsOf(inner, path === "" ? name : `${path}.${name}`, path === "" && node.required.includes(name)),
    );
  const byDefault = typeof node.default === "string" ? node.default : isRequired ? "required" : "–";
  return [{ name: path, default: byDefault }];
}

const fieldsOfSchema = (schema: z.ZodType) =>
  fieldsOf(z.toJSONSchema(schema, { io: "input" })).filter(({ name }) => name !== "type");
const COMMON = fieldsOfSchema(none);

describe.each([
  ["What every consumer has", COMMON],
  ["http", except(fieldsOfSchema(http), COMMON)],
  ["command", except(fieldsOfSchema(command), COMMON)],
])("the table under %s", (heading, fields) => {
  const rows = table(heading);

  it("lists every field in the schema's order, with its default", () => {
    expect(rows.map((row) => ({ name: row.name, default: row.default }))).toEqual(fields);
  });

  it("says of each what it means and gives an example other than the default", () => {
    for (const row of rows) {
      expect(row.meaning, row.name).toMatch(/\.$/);
      expect(row.example, row.name).not.toBe("");
      expect(row.example, row.name).not.toBe(row.default);
    }
  });

  it("has examples that work, all of them together", () => {
    const type = heading.startsWith("What") ? "none" : heading;
    const consumer: Record<string, unknown> = { name: "billing", type };
    for (const { name, example } of rows) {
      const [field = "", inner] = name.split(".");
      const value: unknown = parse(substituted(example));
      consumer[field] = inner === undefined ? value : { ...Object(consumer[field]), [inner]: value };
    }
    expect(consumersSection("/").safeParse([consumer]).error?.issues).toBeUndefined();
  });
});

function except(fields: readonly Field[], others: readonly Field[]): Field[] {
  return fields.filter(({ name }) => !others.some((other) => other.name === name));
}

describe("docs/consumers.md", () => {
  it("shows consumers that work", () => {
    const [, yaml = ""] = /```yaml\n(keys:[\s\S]*?)```/.exec(PAGE) ?? [];
    const { keys } = z
      .object({ keys: z.array(z.object({ consumers: z.unknown() })) })
      .parse(parse(substituted(yaml)));
    const result = consumersSection("/").safeParse(keys[0]?.consumers);
    expect(result.error?.issues).toBeUndefined();
    expect(result.data).toHaveLength(3);
  });

  it("tells of every kind that the schema knows", () => {
    const types = consumersSection("/").element.options.map((schema) => schema.in.shape.type.value);
    for (const type of types) expect(PAGE).toContain(`| \`${type}\``);
  });
});
