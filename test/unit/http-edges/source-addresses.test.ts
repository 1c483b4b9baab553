/** Who sent a request, on the word of nobody but those who are trusted. */
import { describe, expect, it } from "vitest";
import { isInside, Networks, lastUntrusted } from "../../../src/http/source-addresses.ts";

const PROXIES = new Networks(["10.0.0.0/24", "fd00::7", "203.0.113.7"]);
const senderAt = (remote: string | undefined, forwardedFor?: string) =>
  lastUntrusted({ remote, forwardedFor }, PROXIES);

describe("the sender of a request", () => {
  it("is whoever connected, whatever the header says, unless that is a trusted proxy", () => {
    expect(senderAt("198.51.100.1", "34.232.58.13")).toBe("198.51.100.1");
    expect(senderAt("10.0.1.1", "34.232.58.13")).toBe("10.0.1.1");
    expect(lastUntrusted({ remote: "10.0.0.1", forwardedFor: "34.232.58.13" }, new Networks([]))).toBe(
      "10.0.0.1",
    );
  });

  it("is the last one that the trusted proxy was called by, not the first, which anybody can write", () => {
    expect(senderAt("10.0.0.1", "34.232.58.13, 198.51.100.1")).toBe("198.51.100.1");
    expect(senderAt("10.0.0.1", "198.51.100.1")).toBe("198.51.100.1");
  });

  it("is looked for through a row of trusted proxies and no further", () => {
    expect(senderAt("10.0.0.1", "34.232.58.13, 198.51.100.1, 203.0.113.7, 10.0.0.2")).toBe("198.51.100.1");
    expect(senderAt("10.0.0.1", "10.0.0.9,10.0.0.8")).toBe("10.0.0.9");
    expect(senderAt("10.0.0.1")).toBe("10.0.0.1");
  });

  it.each([
    ["198.51.100.1:4711", "198.51.100.1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:198.51.100.1", "198.51.100.1"],
    ["  198.51.100.1  ", "198.51.100.1"],
  ])("may be written as proxies do: %s", (written, address) => {
    expect(senderAt("10.0.0.1", written)).toBe(address);
  });

  it.each(["unknown", "", "_hidden", "localhost", "1.2.3", "198.51.100.1:", "[::1", "1.2.3.4 5.6.7.8"])(
    "is nobody known where the proxy names what is no address: %j",
    (written) => {
      expect(senderAt("10.0.0.1", `34.232.58.13, ${written}`)).toBeNull();
    },
  );

  it("is told from IPv4 in IPv6 as from IPv4", () => {
    expect(senderAt("::ffff:10.0.0.1", "198.51.100.1")).toBe("198.51.100.1");
    expect(senderAt("fd00::7", "198.51.100.1")).toBe("198.51.100.1");
  });

  it("costs no more for a header of any length", () => {
    const endless = Array.from({ length: 100_000 }, () => "10.0.0.2").join(",");
    expect(senderAt("10.0.0.1", endless)).toBe("10.0.0.2");
    expect(senderAt(undefined)).toBe("");
  });
});

describe("an address inside", () => {
  it("is one that nobody on the internet has", () => {
    for (const address of [
      "127.0.0.1",
      "10.9.8.7",
      "172.31.0.1",
      "192.168.1.1",
      "100.64.0.1",
      "::1",
      "fd12::1",
    ])
      expect(isInside(address), address).toBe(true);
    for (const address of ["34.232.58.13", "172.32.0.1", "100.128.0.1", "2001:db8::1", "", "unknown"])
      expect(isInside(address), address).toBe(false);
  });
});
