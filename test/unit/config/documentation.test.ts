/** docs/ and rotator.example.yaml say what the schema says: names, defaults, and examples that work. */
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import { storeSections } from "../../../src/config/stores/stores.ts";
import { readTable } from "../../../tools/documentation/markdown-table.ts";
import { pages } from "../../../tools/documentation/pages.ts";
import { typeOf } from "../../../tools/documentation/schema-fields.ts";
import { tables } from "../../../tools/documentation/tables.ts";
import { FILE, faultsOf, read } from "./sources.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const DOCS = resolve(ROOT, "docs");
const DOCUMENT = pageOf("configuration.md");
const EXAMPLE = readFileSync(resolve(ROOT, "rotator.example.yaml"), "utf8");

function pageOf(name: string): string {
  return readFileSync(resolve(DOCS, name), "utf8");
}

function yamlIn(page: string, beginning = ""): string[] {
  const files = [...page.matchAll(new RegExp(`\`\`\`yaml\n(${beginning}[^]*?)\`\`\``, "g"))];
  return files.map(([, yaml = ""]) => yaml);
}

describe("the tables of settings", async () => {
  it.each(await pages())("of $path are those of the schema: npm run document", ({ path, now, generated }) => {
    expect(now, relative(ROOT, path)).toBe(generated);
  });

  it.each(tables().map((table) => ({ table, of: `${table.page} ${table.under ?? table.column}` })))(
    "say of each field in $of what it means, and give an example other than the default",
    ({ table }) => {
      const rows = readTable(pageOf(table.page), table);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        expect(row.meaning, row.name).toMatch(/\.$/);
        expect(row.example, row.name).not.toBe("");
        expect(row.example, row.name).not.toBe(row.default);
      }
    },
  );

  it("tell of every variable, every section of the file and every kind of section in it", () => {
    const all = tables();
    expect(all).toHaveLength(2 + 6 + 5 + 4 + 4);
    expect(all.flatMap(({ fields }) => fields).length).toBeGreaterThan(120);
  });
});

describe("the documentation of the environment", () => {
  it("has examples that work, all of them together", () => {
    const rows = readTable(DOCUMENT, { column: "Variable" });
    const env = Object.fromEntries(rows.map(({ name, example }) => [name, example]));
    expect(() => read({ env, files: { [env["CONFIG_FILE"] ?? ""]: FILE } })).not.toThrow();
  });
});

describe("the documentation of the file", () => {
  it("has examples that work, all of them together", () => {
    const file = parseDocument("keys: [{}]");
    for (const { name, example } of readTable(DOCUMENT, { column: "Field" }))
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
    const files = yamlIn(DOCUMENT);
    expect(files.length).toBeGreaterThan(0);
    for (const yaml of files) expect(() => read({ yaml })).not.toThrow();
  });
});

describe.each(storeSections("/").map(typeOf))("the documentation of the store %s", (type) => {
  const page = pageOf(`stores/${type}.md`);
  const rows = readTable(page, { column: "Field" });

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
    const files = yamlIn(page, "keys:");
    expect(files.length).toBeGreaterThan(0);
    for (const yaml of files) expect(() => read({ yaml })).not.toThrow();
  });
});

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
