/** The pages of the documentation as the schema would have them. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { withFields } from "./markdown-table.ts";
import { type Table, tables } from "./tables.ts";

const DOCS = resolve(import.meta.dirname, "../../docs");

export type Page = { readonly path: string; readonly now: string; readonly generated: string };

/** Every page with a table of settings, as it is and as it should be. */
export async function pages(): Promise<readonly Page[]> {
  const byPage = Map.groupBy(tables(), ({ page }) => page);
  return Promise.all([...byPage].map(([page, held]) => generate(resolve(DOCS, page), held)));
}

async function generate(path: string, held: readonly Table[]): Promise<Page> {
  const now = readFileSync(path, "utf8");
  const text = held.reduce((page, table) => withFields(page, table, table.fields), now);
  const style = await resolveConfig(path);
  return { path, now, generated: await format(text, { ...style, parser: "markdown" }) };
}
