/** What the chapters of a key's story share. */
import type { Secret } from "../../core/secret.ts";
import { type Asker, inWords, type Made, type Refused, Stop, type Terms } from "./asker.ts";
import type { Findings } from "./findings.ts";
import type { KeyFile } from "./key-file.ts";

export type Story = { readonly asker: Asker; readonly file: KeyFile; readonly findings: Findings };

export const DAY_MS = 86_400_000;
/** Long enough for the whole story, and short enough to be over soon after it. */
export const GRACE_SECONDS = 900;

/** The client goes by the code alone, so another status makes no difference to it. */
export function noteDead(findings: Findings, { refused }: Refused): void {
  findings.note("dead-code", inWords(refused), refused.code === "invalid_token");
}

export async function countLiving(asker: Asker, secrets: readonly Secret[]): Promise<number> {
  let count = 0;
  for (const secret of secrets) if (await asker.accepts(secret)) count += 1;
  return count;
}

export async function mustRotate(asker: Asker, as: Secret, terms: Terms): Promise<Made> {
  const made = await asker.rotate(as, terms);
  if ("refused" in made) throw new Stop(`Paddle refuses to rotate the key: ${inWords(made.refused)}`);
  return made;
}
