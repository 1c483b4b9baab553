/** Every table of settings in the documentation, and the schema that it tells of. */
import { channelSections } from "../../src/config/alerts.ts";
import { checkSections } from "../../src/config/checks/checks.ts";
import { consumerSections } from "../../src/config/consumers/consumers.ts";
import { none } from "../../src/config/consumers/none.ts";
import { Environment } from "../../src/config/environment.ts";
import { rotatorFile } from "../../src/config/rotator-file.ts";
import { storeSections } from "../../src/config/stores/stores.ts";
import type { Field, Place } from "./markdown-table.ts";
import { fieldsOf, typeOf } from "./schema-fields.ts";

export type Table = Place & {
  /** Below docs/. */
  readonly page: string;
  readonly fields: readonly Field[];
};

const ELSEWHERE = ["keys[].store", "keys[].standby.store", "keys[].consumers", "keys[].checks", "alerts"];

/** Consumers that have a page of their own. */
const OWN_PAGES: readonly string[] = ["kubernetes", "ecs"];

const CHANNEL_HEADINGS: Readonly<Record<string, string>> = {
  slack: "Slack",
  pagerduty: "PagerDuty",
  email: "E-mail",
  webhook: "Webhook",
};

export function tables(): readonly Table[] {
  return [
    { page: "configuration.md", column: "Variable", fields: fieldsOf(Environment) },
    {
      page: "configuration.md",
      column: "Field",
      fields: fieldsOf(rotatorFile("/"), { elsewhere: ELSEWHERE }),
    },
    ...storeSections("/").map((schema): Table => ({
      page: `stores/${typeOf(schema)}.md`,
      column: "Field",
      fields: fieldsOf(schema),
    })),
    ...consumerTables(),
    ...checkTables(),
    ...channelSections("/").map((schema): Table => {
      const type = typeOf(schema);
      return {
        page: "alerts.md",
        under: CHANNEL_HEADINGS[type] ?? type,
        column: "Field",
        fields: fieldsOf(schema),
      };
    }),
  ];
}

function consumerTables(): Table[] {
  const common = fieldsOf(none, { sparing: true });
  const kinds = consumerSections("/").filter((schema) => schema !== none);
  return [
    { page: "consumers.md", under: "What every consumer has", column: "Field", fields: common },
    ...kinds.map((schema): Table => {
      const type = typeOf(schema);
      const fields = without(fieldsOf(schema, { sparing: true }), common);
      return OWN_PAGES.includes(type)
        ? { page: `consumers-${type}.md`, column: "Field", fields }
        : { page: "consumers.md", under: type, column: "Field", fields };
    }),
  ];
}

/** What all kinds have comes first in each of their schemas. */
function checkTables(): Table[] {
  const [first = [], ...others] = checkSections.map((schema) => fieldsOf(schema));
  const common = first.filter((field) =>
    others.every((fields) => fields.some((other) => isSame(other, field))),
  );
  const own = checkSections.map((schema): Table => ({
    page: "checks.md",
    under: typeOf(schema),
    column: "Field",
    fields: without(fieldsOf(schema), common),
  }));
  return [{ page: "checks.md", under: "What every check has", column: "Field", fields: common }, ...own];
}

function without(fields: readonly Field[], others: readonly Field[]): Field[] {
  return fields.filter(({ name }) => !others.some((other) => other.name === name));
}

function isSame(a: Field, b: Field): boolean {
  return a.name === b.name && a.default === b.default;
}
