/** The documentation, the alert rules and the dashboard speak of the metrics that there are, and of no others. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { RUNBOOK } from "../../../src/alerts/runbook.ts";
import { openMetrics } from "../../support/metrics/measured.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(resolve(ROOT, path), "utf8");

const RULES = "docker/prometheus/rules/paddle-key-rotator.yml";
const RULE_TESTS = "docker/prometheus/rules/paddle-key-rotator.test.yml";
const DASHBOARD = "docker/grafana/dashboards/paddle-key-rotator.json";

/** What Prometheus adds to every series of ours. */
const ADDED = ["job", "instance", "le"];

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};
const rules: readonly Rule[] = (parse(read(RULES)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

type Use = { readonly name: string; readonly labels: readonly string[] };

/** Every series that a text names, with the labels that it asks for. */
function usesIn(text: string): readonly Use[] {
  return [...text.matchAll(/\b(paddle_rotator_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = "", matchers = ""]) => ({
      name,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*\\?"/g)].map(([, label = ""]) => label),
    }),
  );
}

const { described } = openMetrics().metrics;

/** The labels of each series by its name, as Prometheus has it. */
async function labelsBySeries(): Promise<ReadonlyMap<string, readonly string[]>> {
  const ours = described.flatMap(({ name, type, labels }) => {
    const names = type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => name + end) : [name];
    return names.map((series) => [series, labels] as const);
  });
  const text = await openMetrics().scrape();
  const all = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => [name, []] as const);
  return new Map([...all, ...ours]);
}

async function unknownIn(text: string): Promise<readonly string[]> {
  const known = await labelsBySeries();
  return usesIn(text).flatMap(({ name, labels }) => {
    const own = known.get(name);
    if (!own) return [name];
    return labels.filter((label) => ![...own, ...ADDED].includes(label)).map((label) => `${name}{${label}}`);
  });
}

/** As GitHub makes them of headings. */
function anchorsIn(markdown: string): ReadonlySet<string> {
  return new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("the documentation of the metrics", () => {
  it("has a line for each, with its type, labels and meaning, and for no other", () => {
    const rows = [...read("docs/metrics.md").matchAll(/^\| `(paddle_rotator_\w+)` +\|(.*)$/gm)].map(
      ([, name = "", rest = ""]) => [name, ...rest.split("|").map((cell) => cell.trim())].slice(0, 4),
    );
    const expected = described.map(({ name, type, help, labels }) => {
      return [name, type, labels.map((label) => `\`${label}\``).join(", ") || "–", help];
    });
    expect(rows).toEqual(expected);
  });

  it("speaks of no metric that there is not", async () => {
    const names = [...read("docs/metrics.md").matchAll(/\bpaddle_rotator_\w+[a-z]\b(?!_?…)/g)].map(
      ([name]) => name,
    );
    const known = new Set([...(await labelsBySeries()).keys(), ...described.map(({ name }) => name)]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("the metrics' names", () => {
  it("follow Prometheus' conventions", () => {
    for (const { name, type, labels } of described) {
      expect(name).toMatch(/^paddle_rotator_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      if (type === "histogram") expect(name).toMatch(/_seconds$/);
      // Prometheus names targets so; a label of ours would be renamed.
      for (const label of labels) expect(ADDED, name).not.toContain(label);
    }
  });
});

describe("the alert rules", () => {
  it("ask for metrics and labels that there are", async () => {
    expect(await unknownIn(rules.map(({ expr }) => expr).join("\n"))).toEqual([]);
    // Also the one that is commented out.
    expect(await unknownIn(read(RULES))).toEqual([]);
  });

  it("each have a severity, a summary and the next action", () => {
    for (const { alert, labels, annotations } of rules) {
      expect(["warning", "critical"], alert).toContain(labels["severity"]);
      expect(annotations["summary"]?.length, alert).toBeGreaterThan(10);
      expect(annotations["description"]?.length, alert).toBeGreaterThan(40);
    }
  });

  it("each point to a place that there is", () => {
    const places = {
      "docs/metrics.md": anchorsIn(read("docs/metrics.md")),
      "docs/runbook.md": new Set<string>(RUNBOOK.map(({ kind }) => kind)),
    };
    for (const { alert, annotations } of rules) {
      const [file = "", anchor] = annotations["runbook_url"]?.split("#") ?? [];
      expect(Object.keys(places), alert).toContain(file);
      expect(existsSync(resolve(ROOT, file)), file).toBe(true);
      if (anchor !== undefined) expect([...places[file as keyof typeof places]], alert).toContain(anchor);
    }
  });

  it("speak of kinds of alerts that there are", () => {
    const kinds = new Set<string>(RUNBOOK.map(({ kind }) => kind));
    const named = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/kind(?:=~|!=|=)"([^"]+)"/g)].flatMap(([, text = ""]) => text.split("|")),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it("each have a test in which they fire", () => {
    const tests = read(RULE_TESTS);
    const untested = rules.filter(({ alert }) => !tests.includes(`alertname="${alert}"`));
    expect(untested.map(({ alert }) => alert)).toEqual([]);
  });
});

describe("the dashboard", () => {
  const text = read(DASHBOARD);
  const dashboard = JSON.parse(text) as {
    uid: string;
    panels: { id: number; type: string; title: string; targets?: { expr: string }[] }[];
  };

  it("asks for metrics and labels that there are, and shows each of ours", async () => {
    const asked = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
    expect(await unknownIn(asked)).toEqual([]);
    const used = new Set(usesIn(asked).map(({ name }) => name.replace(/_bucket$/, "")));
    const unused = described.filter(({ name }) => !used.has(name)).map(({ name }) => name);
    expect(unused).toEqual([]);
  });

  it("keeps its address, numbers its panels, and takes the data source from whoever looks", () => {
    expect(dashboard.uid).toBe("paddle-key-rotator");
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const rows = dashboard.panels.filter(({ type }) => type === "row").map(({ title }) => title);
    expect(rows).toEqual(["Keys", "Rotations", "Webhooks", "Neighbours", "Process"]);
    const sources = [...text.matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid);
    expect(new Set(sources)).toEqual(new Set(["paddle-key-rotator", "${datasource}"]));
  });
});
