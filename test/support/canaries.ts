/**
 * Looks for secrets in everything that a process has left behind, in every form in which it could have been written
 * down. Shares no code with what the service hides them with.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Text or bytes, by where they were found. */
export type Places = Map<string, string | Buffer>;

/** What nobody may see of a secret, by what it is called: of a Paddle key not its id, which is no secret. */
export type Canaries = ReadonlyMap<string, string>;

/** `<place>: <canary> (<form>)` for each canary that is in a place. */
export function findCanaries(canaries: Canaries, places: Places): string[] {
  const wanted = [...canaries].flatMap(([name, secret]) =>
    [...formsOf(secret)].map(([form, text]) => ({ says: `${name} (${form})`, text })),
  );
  return [...places].flatMap(([place, content]) => {
    const bytes = Buffer.from(content);
    return wanted.filter(({ text }) => bytes.includes(text)).map(({ says }) => `${place}: ${says}`);
  });
}

/** Each way to write it, by its name; ways that come to the same text are there once. */
export function formsOf(secret: string): ReadonlyMap<string, string> {
  const forms: [string, string][] = [
    ["clear", secret],
    ["JSON", inJson(secret)],
    ["JSON in JSON", inJson(inJson(secret))],
    ["URL", encodeURIComponent(secret)],
    ["form", new URLSearchParams([["", secret]]).toString().slice(1)],
    ["hex", Buffer.from(secret).toString("hex")],
    ["HTML", secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")],
    ...[0, 1, 2].flatMap((before): [string, string][] => [
      [`base64 after ${before}`, inBase64(secret, before, "base64")],
      [`base64url after ${before}`, inBase64(secret, before, "base64url")],
    ]),
  ];
  return new Map(forms.filter(([, text], index) => forms.findIndex(([, other]) => other === text) === index));
}

/** The private part of a Paddle key or of a destination's secret: what is behind the id that they begin with. */
export function privatePart(secret: string): string {
  const part = /^pdl_(?:sdbx_|live_)?(?:apikey|ntfset)_[a-z0-9]{26}_([^_]{16,})/.exec(secret)?.[1];
  if (part === undefined) throw new Error("this is no secret of Paddle's");
  return part;
}

/** All files below a folder that were written since then, and are still there. */
export async function filesOf(name: string, folder: string, since = 0): Promise<Places> {
  const places: Places = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || ((await stat(path).catch(() => null))?.mtimeMs ?? -1) < since) continue;
    const content = await readFile(path).catch(() => null);
    if (content) places.set(`${name}${path.slice(folder.length)}`, content);
  }
  return places;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The middle that is the same whatever follows, with `before` bytes (modulo 3) in front. */
function inBase64(text: string, before: number, encoding: "base64" | "base64url"): string {
  const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  const first = Math.ceil((before * 8) / 6);
  return whole.toString(encoding).slice(first, Math.floor((whole.length * 8) / 6));
}
