/** docs/checks.md has examples that work; that its tables are the schema's is seen to by documentation.test.ts. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { checkSections, checksSection } from "../../../src/config/checks/checks.ts";
import { readTable } from "../../../tools/documentation/markdown-table.ts";
import { typeOf } from "../../../tools/documentation/schema-fields.ts";

const DOCS = resolve(import.meta.dirname, "../../../docs");
const PAGE = readFileSync(resolve(DOCS, "checks.md"), "utf8");

/** As the configuration reads the environment. */
const substituted = (yaml: string) => yaml.replace(/\$\{\w+\}/g, "sixteen-characters");

const table = (under: string) => readTable(PAGE, { under, column: "Field" });
const COMMON = table("What every check has");

describe.each(checkSections.map(typeOf))("the documentation of a check of type %s", (type) => {
  it("has examples that work, all that may stand together", () => {
    const check: Record<string, unknown> = { type };
    for (const { name, example } of [...COMMON, ...table(type)]) check[name] = parse(substituted(example));
    if (type === "prometheus") delete check["below"];
    expect(checksSection.safeParse([check]).error?.issues).toBeUndefined();
  });

  it("stands in the table of kinds", () => {
    expect(PAGE).toContain(`\`${type}\``);
  });
});

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
