/** docs/consumers.md has examples that work; that its tables are the schema's is seen to by documentation.test.ts. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { consumerSections, consumersSection } from "../../../src/config/consumers/consumers.ts";
import { readTable } from "../../../tools/documentation/markdown-table.ts";
import { typeOf } from "../../../tools/documentation/schema-fields.ts";

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

describe.each(["What every consumer has", "http", "command"])("the table under %s", (heading) => {
  const rows = readTable(PAGE, { under: heading, column: "Field" });

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
    for (const type of consumerSections("/").map(typeOf)) expect(PAGE).toContain(`| \`${type}\``);
  });
});
