/** docs/alerts.md says what the schema says, and shows messages as they are sent. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { alertsSection, channelSections } from "../../../src/config/alerts.ts";
import { CHANNEL_TYPES, examplesOf } from "../../support/alerts/rendered.ts";

const PAGE = readFileSync(resolve(import.meta.dirname, "../../../docs/alerts.md"), "utf8");
const HEADINGS: Readonly<Record<string, string>> = {
  slack: "Slack",
  pagerduty: "PagerDuty",
  email: "E-mail",
  webhook: "Webhook",
};
const SIGNING_KEY = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

/** The part of the page about one kind. */
function partOf(type: string): string {
  return PAGE.split(/^## /m).find((part) => part.startsWith(`${HEADINGS[type]}\n`)) ?? "";
}

function rowsOf(type: string) {
  const lines = partOf(type)
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  return lines.map((line) => {
    const [name = "", byDefault = "", meaning = "", example = ""] = line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1"));
    return { name, byDefault, meaning, example };
  });
}

const JsonSchema = z.object({
  properties: z.record(z.string(), z.object({ default: z.string(), const: z.string() }).partial()),
  required: z.array(z.string()),
});

const SCHEMAS = channelSections("/").map((schema) => {
  const { properties, required } = JsonSchema.parse(z.toJSONSchema(schema, { io: "input" }));
  const fields = Object.entries(properties).filter(([name]) => name !== "type");
  const type = properties["type"]?.const ?? "";
  return { type, fields: fields.map(([name, field]) => ({ name, field })), required };
});

describe.each(SCHEMAS)("the documentation of the channel $type", ({ type, fields, required }) => {
  it("lists every field in the schema's order, with its default", () => {
    const expected = fields.map(({ name, field }) => {
      return [name, required.includes(name) ? "required" : (field.default ?? "–")];
    });
    expect(rowsOf(type).map(({ name, byDefault }) => [name, byDefault])).toEqual(expected);
  });

  it("says of each what it means, and gives an example that works and is not the default", () => {
    const rows = rowsOf(type);
    const needed = rows.filter(({ byDefault }) => byDefault === "required");
    for (const row of rows) {
      expect(row.meaning, row.name).toMatch(/\.$/);
      expect(row.example, row.name).not.toBe(row.byDefault);
      const partners = rows.filter(
        ({ name }) => /^(user|password)$/.test(name) && /^(user|password)$/.test(row.name),
      );
      const given = [...needed, ...partners, row].map(({ name, example }) => [name, parse(example)]);
      const result = alertsSection("/").safeParse({ channel: { type, ...Object.fromEntries(given) } });
      expect(result.error?.issues, row.name).toBeUndefined();
    }
  });

  it("shows messages as they are sent", () => {
    for (const example of examplesOf(type)) expect(partOf(type)).toContain(example);
  });
});

it("has an example for every kind of channel there is", () => {
  expect(SCHEMAS.map(({ type }) => type)).toEqual(CHANNEL_TYPES);
});

it("shows sections that work", () => {
  const blocks = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => parse(yaml).alerts);
  expect(blocks).toHaveLength(5);
  const values: Readonly<Record<string, string>> = {
    "${SLACK_WEBHOOK_URL}": "https://hooks.slack.com/services/T0/B0/X",
    "${PAGERDUTY_ROUTING_KEY}": "R0123456789abcdef0123456789abcde",
    "${TICKETS_URL}": "https://tickets.example.com",
    "${TICKETS_SIGNING_KEY}": SIGNING_KEY,
  };
  for (const alerts of blocks) {
    const filled = JSON.stringify(alerts).replaceAll(
      /\$\{\w+\}/g,
      (reference) => values[reference] ?? "word",
    );
    expect(alertsSection("/").safeParse(JSON.parse(filled)).error?.issues).toBeUndefined();
  }
});
