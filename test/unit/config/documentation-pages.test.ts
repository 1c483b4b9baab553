/** What docs/security.md, SECURITY.md and CONTRIBUTING.md name is there. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "../../..");
const textOf = (page: string) => readFileSync(resolve(ROOT, page), "utf8");

const PAGES = [
  "docs/security.md",
  "docs/finding-keys.md",
  "docs/configuration.md",
  "docs/deployment.md",
  "docs/availability.md",
  "docs/faults.md",
  "docs/hardening.md",
  "docs/performance.md",
  "docs/retention.md",
  "docs/upgrading.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
];

describe.each(PAGES)("%s", (page) => {
  it("leads only to files and headings that are there", () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    for (const [link, path = "", heading] of links) {
      const target = path === "" ? page : resolve(ROOT, dirname(page), path);
      expect(existsSync(resolve(ROOT, target)), link).toBe(true);
      if (heading !== undefined) expect(headingsOf(resolve(ROOT, target)), link).toContain(heading);
    }
  });

  it("names only files of the sources and the tests that are there", () => {
    for (const [path] of textOf(page).matchAll(/\b(?:src|test|tools)\/[\w./-]*\w\/?/g))
      expect(existsSync(resolve(ROOT, path)), path).toBe(true);
  });

  it("names only commands that there are", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(textOf("package.json")));
    for (const [, script = ""] of textOf(page).matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts), script).toContain(script);
  });
});

/** As GitHub makes them. */
function headingsOf(page: string): string[] {
  return [...readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\d _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the threats in docs/security.md", () => {
  const [, threats = ""] = /\n## Threats\n([^]*?)\n## /.exec(textOf("docs/security.md")) ?? [];
  const rows = threats.split("\n").filter((line) => /^\| (?!Threat |-)/.test(line));

  it("are a good many, each with its defence and the test that covers it", () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      const [threat = "", defence = "", tests = ""] = row.slice(2, -2).split(" | ");
      expect(defence.trim(), threat).not.toBe("");
      expect(tests, threat).toMatch(/^(?:`test\/[\w/.-]+\.test\.ts`(?:, )?)+\s*$/);
    }
  });

  it("are followed by what is not defended", () => {
    expect(textOf("docs/security.md")).toMatch(/\n## What is not defended\n\n- /);
  });
});
