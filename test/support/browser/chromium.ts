/** The Chromium of this machine, driven by playwright-core: nothing is downloaded. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Whoever calls this closes it. Throws, with the remedy, where there is none. */
export async function startChromium(path = process.env["PATH"] ?? ""): Promise<Browser> {
  const executablePath = findExecutable(path);
  if (!executablePath)
    throw new Error("the pages are tested in a real browser, and there is none: apt-get install chromium");
  // A container's root has no sandbox to put it into, and little shared memory.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

function findExecutable(path: string): string | undefined {
  const places = path.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
