/** docs/configuration.md and rotator.example.yaml say what the schema says: names, defaults, and examples that work. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import { z } from "zod";
import { Environment } from "../../../src/config/environment.ts";
import { rotatorFile } from "../../../src/config/rotator-file.ts";
import { storeSections } from "../../../src/config/stores/stores.ts";
import { FILE, faultsOf, read } from "./sources.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const DOCUMENT = readFileSync(resolve(ROOT, "docs/configuration.md"), "utf8");
const EXAMPLE = readFileSync(resolve(ROOT, "rotator.example.yaml"), "utf8");

type Row = { name: string; default: string; meaning: string; example: string };

/** The rows of the table whose first column has this heading. */
function table(heading: string, document = DOCUMENT): Row[] {
  const lines = document.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `));
  const rest = lines.slice(start + 2);
  return rest.slice(0, rest.indexOf("")).map((line) => {
    const [name = "", byDefault = "", meaning = "", example = ""] = line
      .slice(1)
      .split(" | ")
      .map((cell) => cell.replace(/\|$/, "").trim());
    return { name: bare(name), default: bare(byDefault), meaning, example: bare(example) };
  });
}

function bare(cell: string): string {
  return cell.replace(/^`(.*)`$/, "$1");
}

const Node = z.object({
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
});

type Field = { name: string; default: string };

/** Every field of a JSON schema that has no fields of its own. */
function fieldsOf(schema: unknown, path: string, required: boolean): Field[] {
  // A store's fields stand on the page of its kind.
  if (path.endsWith(".consumers") || path.endsWith(".checks") || path === "alerts")
    return [{ name: path, default: "–" }];
  if (path.endsWith(".store")) return [{ name: path, default: "required" }];
  const node = Node.parse(schema);
  if (node.oneOf) return node.oneOf.flatMap((option) => fieldsOf(option, path, required));
  if (node.items !== undefined && Node.parse(node.items).properties)
    return fieldsOf(node.items, `${path}[]`, required);
  if (node.properties)
    return Object.entries(node.properties).flatMap(([name, inner]) =>
      fieldsOf(inner, path === "" ? name : `${path}.${name}`, node.required.includes(name)),
    );
  const byDefault = typeof node.default === "string" ? node.default : required ? "required" : "–";
  return [{ name: path, default: byDefault }];
}

const documented = (rows: readonly Row[]) => rows.map((row) => ({ name: row.name, default: row.default }));

describe("the documentation of the environment", () => {
  const rows = table("Variable");

  it("lists every variable in the schema's order, with its default", () => {
    expect(documented(rows)).toEqual(fieldsOf(z.toJSONSchema(Environment, { io: "input" }), "", false));
    expect(rows.length).toBeGreaterThan(15);
  });

  it("says of each what it means and gives an example other than the default", () => {
    for (const row of rows) {
      expect(row.meaning, row.name).toMatch(/\.$/);
      expect(row.example, row.name).not.toBe("");
      expect(row.example, row.name).not.toBe(row.default);
    }
  });

  it("has examples that work, all of them together", () => {
    const env = Object.fromEntries(rows.map(({ name, example }) => [name, example]));
    expect(() => read({ env, files: { [env["CONFIG_FILE"] ?? ""]: FILE } })).not.toThrow();
  });
});

describe("the documentation of the file", () => {
  const rows = table("Field");

  it("lists every field in the schema's order, with its default", () => {
    expect(documented(rows)).toEqual(fieldsOf(z.toJSONSchema(rotatorFile("/"), { io: "input" }), "", false));
    expect(rows.length).toBeGreaterThan(5);
  });

  it("says of each what it means and gives an example other than the default", () => {
    for (const row of rows) {
      expect(row.meaning, row.name).toMatch(/\.$/);
      expect(row.example, row.name).not.toBe("");
      expect(row.example, row.name).not.toBe(row.default);
    }
  });

  it("has examples that work, all of them together", () => {
    const file = parseDocument("keys: [{}]");
    for (const { name, example } of rows)
      file.setIn(
        name
          .replace("[]", ".0")
          .split(".")
          .map((step) => (step === "0" ? 0 : step)),
        parse(example),
      );
    expect(() => read({ yaml: String(file) })).not.toThrow();
  });

  it("shows files that work", () => {
    const files = [...DOCUMENT.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => yaml);
    expect(files.length).toBeGreaterThan(0);
    for (const yaml of files) expect(() => read({ yaml })).not.toThrow();
  });
});

describe.each(storeSections("/").map((schema) => [schema.in.shape.type.value, schema] as const))(
  "the documentation of the store %s",
  (type, schema) => {
    const page = readFileSync(resolve(ROOT, `docs/stores/${type}.md`), "utf8");
    const rows = table("Field", page);

    it("lists every field in the schema's order, with its default", () => {
      const fields = fieldsOf(z.toJSONSchema(schema, { io: "input" }), "", false);
      expect(documented(rows)).toEqual(fields.filter(({ name }) => name !== "type"));
    });

    it("says of each what it means and gives an example other than the default", () => {
      for (const row of rows) {
        expect(row.meaning, row.name).toMatch(/\.$/);
        expect(row.example, row.name).not.toBe("");
        expect(row.example, row.name).not.toBe(row.default);
      }
    });

    it("has examples that work, each beside what is required", () => {
      const required = rows.filter((row) => row.default === "required");
      for (const row of rows) {
        const file = parseDocument("keys: [{ name: billing-worker }]");
        file.setIn(["keys", 0, "store", "type"], type);
        for (const { name, example } of [...required, row])
          file.setIn(["keys", 0, "store", ...name.split(".")], parse(example));
        expect(() => read({ yaml: String(file) }), row.name).not.toThrow();
      }
    });

    it("shows files that work", () => {
      const files = [...page.matchAll(/```yaml\n(keys:[\s\S]*?)```/g)].map(([, yaml = ""]) => yaml);
      expect(files.length).toBeGreaterThan(0);
      for (const yaml of files) expect(() => read({ yaml })).not.toThrow();
    });
  },
);

describe("the documentation of the report", () => {
  it("shows lines as they are printed", () => {
    const yaml = `keys:
  - name: billing-worker
    store: { type: env-file, path: ./secrets/billing.env }
    rotation:
      grace: 48h
      lifetme: 90d
`;
    const lines = faultsOf({ yaml, env: { ADMIN_TOKEN_FILE: "/gone" } });
    expect(DOCUMENT).toContain(["the configuration has 3 faults:", ...lines].join("\n  "));
  });
});

describe("rotator.example.yaml", () => {
  it("is a file to start from", () => {
    expect(read({ yaml: EXAMPLE }).keys).toEqual([
      {
        name: "billing-worker",
        store: expect.objectContaining({ type: "env-file", displayPath: "./secrets/billing.env" }),
        rotation: expect.objectContaining({ everyMs: null, lifetimeMs: 90 * 86_400_000, window: null }),
        standby: null,
        consumers: [],
        checks: [],
        alerts: null,
      },
    ]);
  });

  it("still is one when everything it suggests is switched on", () => {
    const yaml = EXAMPLE.replaceAll(/^( +)# (every|window|standby|  store):/gm, "$1$2:");
    const [key] = read({ yaml }).keys;
    expect(key?.rotation.everyMs).not.toBeNull();
    expect(key?.rotation.window).not.toBeNull();
    expect(key?.standby).not.toBeNull();
  });
});
