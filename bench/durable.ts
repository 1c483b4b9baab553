/** A small file written as the rotator writes one: flushed, then renamed, and its folder flushed too. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

export async function writeDurably(path: string, text: string): Promise<void> {
  {
    await using file = await open(`${path}.tmp`, "w", 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(`${path}.tmp`, path);
  await using folder = await open(dirname(path), "r");
  await folder.sync();
}
