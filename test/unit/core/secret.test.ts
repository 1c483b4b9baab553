import { inspect } from "node:util";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";

const TEXT = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
const secret = new Secret(TEXT);

describe("a secret", () => {
  it.each([
    ["String()", () => String(secret)],
    ["JSON", () => JSON.stringify({ deep: [{ secret }] })],
    ["util.inspect", () => inspect({ deep: { secret } }, { depth: null, showHidden: true })],
    ["its own properties", () => JSON.stringify(Object.entries(secret))],
    ["an error that carries it", () => inspect(Object.assign(new Error("failed"), { secret }))],
    ["structuredClone", () => inspect(structuredClone(secret), { showHidden: true })],
    ["a log line", () => logged({ secret, error: Object.assign(new Error("failed"), { secret }) })],
  ])("does not print itself through %s", (_way, print) => {
    expect(print()).not.toContain("Zx8vB1nM2qW3");
  });

  it("reveals its text only when asked by name", () => {
    expect(secret.reveal()).toBe(TEXT);
  });

  it("is shown by the first 16 hex digits of its SHA-256", () => {
    expect(new Secret("abc").fingerprint()).toBe("sha256:ba7816bf8f01cfea");
  });

  it("equals another with the same text, and no other", () => {
    expect(secret.equals(new Secret(TEXT))).toBe(true);
    expect(secret.equals(new Secret(`${TEXT} `))).toBe(false);
    expect(secret.equals(new Secret(""))).toBe(false);
  });

  it("is told from what somebody claims it to be", () => {
    expect(secret.matches(TEXT)).toBe(true);
    expect(secret.matches(`${TEXT} `)).toBe(false);
  });
});

function logged(fields: object): string {
  const lines: string[] = [];
  pino({ level: "trace" }, { write: (line: string) => lines.push(line) }).info(fields, "message");
  return lines.join("");
}
