/**
 * The texts of all secrets that this process holds, to be taken out of words that other people's code wrote. They are
 * found by value, because legacy keys follow no pattern, and in the forms in which clients quote what they were given.
 */

export const HIDDEN = "[hidden]";

/** Shorter texts are found in words that hold no secret. */
const SHORTEST = 8;
/** A path that is its own password is longer, e.g. that of an incoming webhook. */
const SHORTEST_PATH = 20;
/** More than any site has: a bound on the memory, should words of strangers ever be taken for secrets. */
const MOST = 10_000;
/** An error that quotes a secret may be written down after the last one who held that has let go of it. */
const FADES_MS = 600_000;

/** Texts to look for, however many there are: looking costs about as much as reading once. */
export class Needles {
  readonly #byTail = new Map<string, Set<string>>();
  /** The hashes of all tails that ever were: what is not in here need not be looked up. */
  readonly #tails = new Uint8Array(1 << 16);

  add(needle: string): void {
    const tail = needle.slice(-SHORTEST);
    const sameTail = this.#byTail.get(tail) ?? new Set();
    this.#byTail.set(tail, sameTail.add(needle));
    this.#tails[slot(hash(tail))] = 1;
  }

  delete(needle: string): void {
    const tail = needle.slice(-SHORTEST);
    const sameTail = this.#byTail.get(tail);
    sameTail?.delete(needle);
    if (sameTail?.size === 0) this.#byTail.delete(tail);
  }

  /** Whether the text has any of them in it: a rolling hash of the last characters (Rabin and Karp). */
  isIn(text: string): boolean {
    if (this.#byTail.size === 0) return false;
    let rolling = 0;
    for (let end = 0; end < text.length; end += 1) {
      rolling = (Math.imul(rolling, BASE) + text.charCodeAt(end)) | 0;
      if (end >= SHORTEST) rolling = (rolling - Math.imul(text.charCodeAt(end - SHORTEST), LEAVES)) | 0;
      if (this.#tails[slot(rolling)] === 1 && this.#endsAt(text, end + 1)) return true;
    }
    return false;
  }

  hideIn(text: string): string {
    if (!this.isIn(text)) return text;
    const all = [...this.#byTail.values()].flatMap((sameTail) => [...sameTail]);
    const longestFirst = all.toSorted((a, b) => b.length - a.length);
    return longestFirst.reduce((rest, needle) => rest.replaceAll(needle, HIDDEN), text);
  }

  #endsAt(text: string, end: number): boolean {
    const candidates = this.#byTail.get(text.slice(Math.max(0, end - SHORTEST), end)) ?? [];
    for (const needle of candidates) if (text.startsWith(needle, end - needle.length)) return true;
    return false;
  }
}

const BASE = 0x01000193;
/** What the hash of a character has become when it leaves the window. */
const LEAVES = Array.from({ length: SHORTEST }).reduce<number>((power) => Math.imul(power, BASE), 1);

function hash(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, BASE) + text.charCodeAt(at)) | 0;
  return sum;
}

function slot(sum: number): number {
  return (sum ^ (sum >>> 16)) & 0xffff;
}

const needles = new Needles();
/** One entry for each text, however often it is read anew: a store is read many times a second when much happens. */
const held = new Map<string, { holders: number; fading: NodeJS.Timeout | null }>();
const gone = new FinalizationRegistry(letGo);

/** From now on the text is a secret, until its holder was collected as garbage and some minutes more. */
export function holdSecret(holder: object, text: string): void {
  if (text.length < SHORTEST) return;
  const known = held.get(text);
  if (!known && held.size >= MOST) return;
  if (!known) for (const form of formsOf(text)) needles.add(form);
  clearTimeout(known?.fading ?? undefined);
  held.set(text, { holders: (known?.holders ?? 0) + 1, fading: null });
  gone.register(holder, text);
}

function letGo(text: string): void {
  const known = held.get(text);
  if (!known) return;
  known.holders -= 1;
  if (known.holders === 0) known.fading = setTimeout(forget, FADES_MS, text).unref();
}

function forget(text: string): void {
  held.delete(text);
  for (const form of formsOf(text)) needles.delete(form);
}

/** The text with `[hidden]` in place of every secret that this process holds. */
export function hideLivingSecrets(text: string): string {
  return needles.hideIn(text);
}

/** As it is, in JSON, in an address, in a form, and in base64 at any place, e.g. of Basic credentials. */
export function formsOf(text: string): ReadonlySet<string> {
  const parts = [text, ...partsOf(text)].map((part) => part.toWellFormed());
  return new Set(
    parts.flatMap((part) => [
      part,
      inJson(part),
      // An answer that is JSON, quoted in a line that is JSON.
      inJson(inJson(part)),
      encodeURIComponent(part),
      new URLSearchParams({ "": part }).toString().slice(1),
      ...[0, 1, 2].flatMap((offset) => inBase64(part, offset)),
    ]),
  );
}

/** What is secret in an address: its password, and the path of an incoming webhook. */
function partsOf(text: string): readonly string[] {
  const url = URL.parse(text);
  if (!url) return [];
  const password = url.password.length < SHORTEST ? [] : [url.password, decoded(url.password)];
  const path = url.pathname + url.search;
  return /^https?:$/.test(url.protocol) && path.length >= SHORTEST_PATH ? [...password, path] : password;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The characters that stand for this text alone if `offset` bytes (modulo 3) are before it. */
function inBase64(text: string, offset: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
  const all = bytes.toString("base64url");
  const own = all.slice(offset === 0 ? 0 : offset + 1, bytes.length % 3 === 0 ? undefined : -1);
  return [own, own.replaceAll("-", "+").replaceAll("_", "/")];
}
