/** The search that proves the secrecy finds what it is to find: else its silence would prove nothing. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { filesOf, findCanaries, formsOf, privatePart } from "../support/canaries.ts";

const SECRET = `aB3/dE5+f"G7?h&J9kL1mN`;
const CANARIES = new Map([["the key", SECRET]]);

it.each([...formsOf(SECRET)])("a secret is found written as %s", (_form, text) => {
  const place = new Map([["log", `{"level":50,"msg":"asked with ${text} and failed"}`]]);
  expect(findCanaries(CANARIES, place)).not.toEqual([]);
});

it.each([
  ["Basic credentials", Buffer.from(`operations:${SECRET}`).toString("base64")],
  ["credentials with something behind", Buffer.from(`api:${SECRET}, and more`).toString("base64url")],
  ["the answer of a neighbour in a line of JSON", JSON.stringify({ body: JSON.stringify({ sent: SECRET }) })],
  ["a form", new URLSearchParams({ key: SECRET }).toString()],
])("a secret is found within %s", (_what, text) => {
  expect(findCanaries(CANARIES, new Map([["log", text]]))).not.toEqual([]);
});

it("a secret is found in bytes that are no text, in files below folders, and nowhere else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "canaries-"));
  try {
    await writeFile(join(folder, "page"), Buffer.concat([Buffer.of(0, 0xff, 0x80), Buffer.from(SECRET)]));
    await writeFile(join(folder, "other"), SECRET.toLowerCase());
    expect(findCanaries(CANARIES, await filesOf("data", folder))).toEqual(["data/page: the key (clear)"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("what is compressed is not found: so no place may be searched in which something is", () => {
  const compressed = brotliCompressSync(SECRET.repeat(20));
  expect(findCanaries(CANARIES, new Map([["page", compressed]]))).toEqual([]);
});

it("of a key, the id is no secret", () => {
  const id = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
  expect(privatePart(`pdl_sdbx_${id}_aB3dE5fG7hJ9kL1mN3pQ5r_abc`)).toBe("aB3dE5fG7hJ9kL1mN3pQ5r");
});
