/** Makes the pictures of the README: `node test/support/browser/readme-pictures.ts`. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { openShowcase } from "../admin/pages-world.ts";
import { startChromium } from "./chromium.ts";

const PLACE = resolve(import.meta.dirname, "../../../docs/images");
const PICTURES = [
  { name: "keys-light", path: "/", colorScheme: "light", height: 940 },
  { name: "key-dark", path: "/keys/billing-worker", colorScheme: "dark", height: 860 },
] as const;

mkdirSync(PLACE, { recursive: true });
await using world = await openShowcase();
await using opened = new AsyncDisposableStack();
const browser = opened.adopt(await startChromium(), (started) => started.close());
for (const { name, path, colorScheme, height } of PICTURES) {
  const page = await browser.newPage({
    viewport: { width: 1100, height },
    colorScheme,
    deviceScaleFactor: 1.3,
  });
  await page.goto(world.origin + path);
  await page.locator('#live[data-state="live"]').waitFor();
  await page.screenshot({ path: join(PLACE, `${name}.png`), animations: "disabled" });
}
