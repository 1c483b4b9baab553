/** What every test of a page looks at: that it is accessible, fits, loads nothing from elsewhere; and keeps a picture. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const PICTURES = resolve(import.meta.dirname, "../../../test-results/screenshots");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export type Look = AsyncDisposable & {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, and whatever the policy of the page refused. */
  readonly complaints: readonly string[];
  /** Requests that left for another origin. */
  readonly strayed: readonly string[];
};

export async function open(
  browser: Browser,
  origin: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Look> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const strayed: string[] = [];
  page.on("console", (message) => {
    // A page that answers 4xx on purpose is named by the browser, too.
    if (message.type() === "error" && !message.text().includes("status of 4"))
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) strayed.push(request.url());
  });
  await page.goto(origin + path);
  return { page, complaints, strayed, [Symbol.asyncDispose]: () => context.close() };
}

/** Serious and critical findings of axe, as text; empty: none. */
export async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what axe promises to answer
  const violations = (await page.evaluate("axe.run().then((found) => found.violations)")) as {
    id: string;
    impact: string;
    nodes: { html: string; failureSummary: string }[];
  }[];
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`,
    );
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true, animations: "disabled" });
}

/** How far the page is wider than its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
