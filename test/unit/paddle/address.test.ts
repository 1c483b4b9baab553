import { describe, expect, it } from "vitest";
import { ConfigError, PaddleError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { Addresses } from "../../../src/paddle/address.ts";

const LIVE = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
const SANDBOX = "pdl_sdbx_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
const LEGACY = "0123456789abcdef0123456789abcdef0123456789abcdef01";

const callWith = (secret: string) =>
  ({ method: "GET", path: "/", secret: new Secret(secret), mayChange: "nothing" }) as const;

const askWithLegacy = () => new Addresses(null).for(callWith(LEGACY));

describe("the address of Paddle's API", () => {
  it.each([
    ["a live key", LIVE, "https://api.paddle.com/"],
    ["a sandbox key", SANDBOX, "https://sandbox-api.paddle.com/"],
  ])("for %s is Paddle's own for its environment", (_what, secret, url) => {
    expect(new Addresses(null).for(callWith(secret)).href).toBe(url);
  });

  it("for a legacy key is unknown, and the error says what to set", () => {
    expect(askWithLegacy).toThrow(PaddleError);
    expect(askWithLegacy).toThrow(
      /not sent: the secret sha256:[\da-f]{16} .*set PADDLE_API_URL to https:\/\/api\.paddle\.com or https:\/\/sandbox-api\.paddle\.com/,
    );
    expect(askWithLegacy).toThrow(
      expect.objectContaining({ code: "unknown_environment", effect: "none", retry: "never" }),
    );
  });

  it.each([LIVE, SANDBOX, LEGACY])("is the override for every key where there is one", (secret) => {
    const override = new URL("https://paddle.internal/proxy");
    expect(new Addresses(override).for(callWith(secret))).toBe(override);
    expect(new Addresses(override).of("live")).toBe(override);
  });

  it.each([
    ["nothing", ""],
    ["a space", `${LIVE} `],
    ["a line break", `${LIVE}\n`],
    ["a header of its own", `${LIVE}\r\nx-evil: 1`],
    ["letters beyond ASCII", `${LIVE}ä`],
  ])("is not given to a secret with %s in it", (_what, secret) => {
    const ask = () => new Addresses(new URL("https://paddle.internal")).for(callWith(secret));
    expect(ask).toThrow(expect.objectContaining({ code: "unusable_secret", effect: "none", retry: "never" }));
    expect(ask).toThrow(/sha256:[\da-f]{16}/);
  });

  it.each([
    "https://paddle.internal",
    "http://localhost:4010",
    "http://127.0.0.1:4010",
    "http://127.8.8.8",
    "http://[::1]:4010/base",
  ])("may be %s", (url) => {
    expect(() => new Addresses(new URL(url))).not.toThrow();
  });

  it.each([
    "http://api.paddle.com",
    "http://localhost.evil.example",
    "http://notlocalhost",
    "http://evil.example.localhost",
    "http://127.0.0.1.evil.example",
    "http://0.0.0.0",
    "http://192.168.0.1",
    "ftp://localhost",
    "https://user:password@paddle.internal",
    "https://paddle.internal/?to=evil",
    "https://paddle.internal/#x",
  ])("may not be %s", (url) => {
    const make = () => new Addresses(new URL(url));
    expect(make).toThrow(ConfigError);
    expect(make).not.toThrow(/password@/);
  });
});
