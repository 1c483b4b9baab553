/** Requests that a browser sends for other people's pages. */
import { describe, expect, it } from "vitest";
import { isForeign, namesLoopback } from "../../../src/http/admin/browser-guard.ts";

describe("a host name", () => {
  it.each([
    "localhost",
    "LocalHost:9090",
    "127.0.0.1",
    "127.0.0.1:9090",
    "127.8.9.10:1",
    "[::1]",
    "[::1]:9090",
  ])("of this machine is %s", (host) => {
    expect(namesLoopback(host)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "rebound.example:9090",
    "localhost.rebound.example",
    "127.0.0.1.rebound.example",
    "evil@localhost",
    "localhost:9090@rebound.example",
    "localhost:",
    "localhost:123456",
    "localhost, rebound.example",
    "10.0.0.1:9090",
    "0.0.0.0",
    "128.0.0.1",
    "[::]:9090",
    "[::ffff:10.0.0.1]",
    "::1",
    "2130706433",
  ])("of another machine, or none, is %s", (host) => {
    expect(namesLoopback(host)).toBe(false);
  });
});

describe("a request that changes something", () => {
  const host = "rotator.internal:9090";

  it.each([
    ["a program", {}],
    ["our own page", { "sec-fetch-site": "same-origin" }],
    ["a person who typed the address", { "sec-fetch-site": "none" }],
    ["our own page in a browser that sends no Sec-Fetch-Site", { origin: "http://rotator.internal:9090" }],
    [
      "our own page whatever the case of its name",
      { origin: "http://rotator.internal:9090", host: "Rotator.internal:9090" },
    ],
  ])("is taken from %s", (_who, headers) => {
    expect(isForeign("POST", { host, ...headers })).toBe(false);
  });

  it.each([
    ["a page of another site", { "sec-fetch-site": "cross-site" }],
    ["a page on another port of this machine", { "sec-fetch-site": "same-site" }],
    ["a page that says two things", { "sec-fetch-site": "same-origin, cross-site" }],
    ["another origin", { origin: "http://evil.example" }],
    ["another port", { origin: "http://rotator.internal:3000" }],
    ["a sandboxed frame", { origin: "null" }],
    ["an origin that is none", { origin: "rotator.internal:9090" }],
    [
      "another site, whatever its Origin",
      { "sec-fetch-site": "cross-site", origin: "http://rotator.internal:9090" },
    ],
  ])("is refused from %s", (_who, headers) => {
    expect(isForeign("POST", { host, ...headers })).toBe(true);
    expect(isForeign("DELETE", { host, ...headers })).toBe(true);
  });
});

describe("a request that only reads", () => {
  const host = "rotator.internal:9090";
  const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

  it.each([
    ["a program", {}],
    ["our own page", { "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty" }],
    ["a person who typed the address", { "sec-fetch-site": "none", ...link }],
    ["a person who follows a link", { "sec-fetch-site": "cross-site", ...link }],
    ["a browser that sends no Sec-Fetch-Site", { origin: "https://evil.example" }],
  ])("is taken from %s", (_who, headers) => {
    for (const method of ["GET", "HEAD"]) expect(isForeign(method, { host, ...headers })).toBe(false);
  });

  it.each([
    ["an image on a page of another site", { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" }],
    [
      "a script on another port of this machine",
      { "sec-fetch-site": "same-site", "sec-fetch-dest": "empty" },
    ],
    ["a frame", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
  ])("is refused from %s", (_who, headers) => {
    for (const method of ["GET", "HEAD", "OPTIONS"])
      expect(isForeign(method, { host, ...headers })).toBe(true);
  });
});
