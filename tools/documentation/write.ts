/** Brings the tables of settings in docs/ up to the schema: `npm run document`. Meanings and examples stay by hand. */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { pages } from "./pages.ts";

for (const { path, now, generated } of await pages()) {
  if (now === generated) continue;
  writeFileSync(path, generated);
  console.log(`${relative(process.cwd(), path)} is brought up to the schema: see to its new rows.`);
}
