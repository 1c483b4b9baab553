/** docs/gitleaks.toml finds Paddle's secrets, and nothing that only looks like them. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const DOCS = resolve(import.meta.dirname, "../../../docs");

type Rule = { readonly id: string; readonly regex: string; readonly keywords: readonly string[] };

const RULES: readonly Rule[] = readFileSync(resolve(DOCS, "gitleaks.toml"), "utf8")
  .split("[[rules]]")
  .slice(1)
  .map((text) => ({
    id: /^id = "(.*)"$/m.exec(text)?.[1] ?? "",
    regex: /^regex = '''(.*)'''$/m.exec(text)?.[1] ?? "",
    keywords: z.array(z.string()).parse(JSON.parse(/^keywords = (\[.*\])$/m.exec(text)?.[1] ?? "[]")),
  }));

/** As gitleaks does it: a rule looks only where one of its keywords is, in any case. */
function found(text: string): string[] {
  return RULES.filter(({ regex, keywords }) => {
    const mayBe = keywords.some((keyword) => text.toLowerCase().includes(keyword.toLowerCase()));
    return mayBe && new RegExp(regex).test(text);
  }).map(({ id }) => id);
}

// Put together here, so that no scanner takes this file for a leak.
const ID = "01kaa1b2c3d4e5f6g7h8j9k0mn";
const TAIL = "Zx8vB1nM2qW3eR4tY5uI6o";
const LIVE = ["pdl", "live", "apikey", ID, TAIL, "k9Q"].join("_");
const SANDBOX = ["pdl", "sdbx", "apikey", ID, TAIL, "k9Q"].join("_");
const WEBHOOK = ["pdl", "ntfset", "01hsdn8d43dt7mezr1ef2jtbaw", "hKkRiCGyyRhbFwI/uqiTBgI7gnW+V0Gr"].join("_");
const LEGACY = "0123456789abcdef0123456789abcdef0123456789abcdef01";
const inBase64 = (text: string) => Buffer.from(text).toString("base64");

const LEAKS: readonly [string, string, string][] = [
  ["a live key", "paddle-api-key", LIVE],
  ["a sandbox key", "paddle-api-key", SANDBOX],
  ["a key in code", "paddle-api-key", `const paddle = new Paddle("${LIVE}");`],
  ["a key in a .env file", "paddle-api-key", `PADDLE_API_KEY=${LIVE}\n`],
  ["a key in a header", "paddle-api-key", `curl -H 'Authorization: Bearer ${LIVE}'`],
  ["a key in an address", "paddle-api-key", `https://example.com/?q=Bearer%20${LIVE}%0A`],
  ["a key in escaped JSON", "paddle-api-key", JSON.stringify(JSON.stringify({ key: LIVE }))],
  ["a key next to other words", "paddle-api-key", `old_${LIVE}_old`],
  ["a live key in a Kubernetes Secret", "paddle-api-key-base64", `data:\n  key: ${inBase64(LIVE)}`],
  ["a sandbox key with a line break, in base64", "paddle-api-key-base64", inBase64(`${SANDBOX}\n`)],
  ["a webhook secret", "paddle-webhook-secret", `PADDLE_WEBHOOK_SECRETS=${WEBHOOK}`],
];

const HARMLESS: readonly [string, string][] = [
  ["the form in which Paddle shows a key", "pdl_live_apikey_01jkdpbhaz****"],
  ["a key's id", `apikey_${ID}`],
  ["the beginning of a key in prose", "a key such as pdl_live_apikey_… or pdl_sdbx_apikey_…"],
  ["a placeholder", "pdl_live_apikey_YOUR_KEY_HERE"],
  ["a key that is cut short", LIVE.slice(0, -1)],
  ["a key in capitals, which Paddle would refuse", LIVE.toUpperCase()],
  ["another product's key", `pdl_test_apikey_${ID}_${TAIL}_k9Q`],
  ["a destination's id", "ntfset_01kad0000000000000000000d1"],
  ["a client-side token, which is public", "live_7d279f61a3499fed520f7cd8c08"],
  ["a fingerprint", "sha256:0123456789abcdef"],
  ["a legacy key, which has no form of its own", `PADDLE_API_KEY=${LEGACY}`],
];

describe("the rules for gitleaks", () => {
  it("are three, each with keywords that gitleaks looks for first", () => {
    expect(RULES.map(({ id }) => id)).toEqual([
      "paddle-api-key",
      "paddle-api-key-base64",
      "paddle-webhook-secret",
    ]);
    for (const { id, keywords } of RULES) expect(keywords, id).not.toEqual([]);
  });

  it("are written in the language of RE2, which has neither lookaround nor references back", () => {
    for (const { id, regex } of RULES) expect(regex, id).not.toMatch(/\(\?[=!<]|\\[1-9k]|\(\?P?>|[*+?}]\+/);
  });

  it.each(LEAKS)("find %s", (_what, rule, text) => {
    expect(found(text)).toEqual([rule]);
  });

  it.each(HARMLESS)("pass over %s", (_what, text) => {
    expect(found(text)).toEqual([]);
  });

  it("are each told of in the documentation, which also says what they cannot find", () => {
    const page = readFileSync(resolve(DOCS, "finding-keys.md"), "utf8");
    for (const { id } of RULES) expect(page).toContain(`\`${id}\``);
    expect(page).toMatch(/\*\*Legacy keys\*\*/);
  });
});
