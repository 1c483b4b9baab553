/** No address of a consumer, by mistake or by malice, makes this process ask a cloud for its secrets. */
import { describe, expect, it } from "vitest";
import { faultOfAddress, networks } from "../../../src/requests/addresses.ts";

const anywhere = { allow: null, encrypted: true };

describe("an address that is never connected to", () => {
  it.each([
    ["169.254.169.254", "the metadata service of AWS, GCP, Azure, Oracle, DigitalOcean"],
    ["169.254.170.2", "the credentials of an ECS task"],
    ["fd00:ec2::254", "the metadata service of AWS over IPv6"],
    ["fd20:ce::254", "the metadata service of GCP over IPv6"],
    ["100.100.100.200", "the metadata service of Alibaba"],
    ["168.63.129.16", "Azure's wire server"],
    ["fe80::1%eth0", "link-local, with its zone"],
    ["::ffff:169.254.169.254", "IPv4 in IPv6"],
    ["::ffff:a9fe:a9fe", "the same in hexadecimal"],
    ["64:ff9b::a9fe:a9fe", "the same through NAT64"],
    ["2002:a9fe:a9fe::1", "the same through 6to4"],
    ["0.0.0.0", "which is this machine on Linux"],
    ["::", "which is this machine on Linux"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["ff02::1", "multicast"],
  ])("is %s: %s", (address) => {
    expect(faultOfAddress(address, anywhere)).toBe("never");
    expect(faultOfAddress(address, { ...anywhere, allow: networks(["0.0.0.0/0", "::/0"]) })).toBe("never");
  });
});

describe("an address of an application", () => {
  it.each([
    "127.0.0.1",
    "10.0.0.7",
    "100.64.0.1",
    "192.168.1.1",
    "203.0.113.9",
    "::1",
    "fd12::1",
    "2001:db8::1",
  ])("may be %s", (address) => {
    expect(faultOfAddress(address, anywhere)).toBeNull();
  });

  it("must be in one of the networks of allow, where there are any", () => {
    const rule = { allow: networks(["10.1.0.0/16", "fd12::/16"]), encrypted: true };
    expect(faultOfAddress("10.1.255.255", rule)).toBeNull();
    expect(faultOfAddress("10.2.0.0", rule)).toBe("not-allowed");
    expect(faultOfAddress("fd12::7", rule)).toBeNull();
    expect(faultOfAddress("fd13::7", rule)).toBe("not-allowed");
    expect(faultOfAddress("::ffff:10.1.0.1", rule)).toBeNull();
  });

  it.each([
    "127.0.0.1",
    "10.255.255.255",
    "172.31.255.255",
    "192.168.0.1",
    "100.127.255.255",
    "::1",
    "fdff::1",
  ])("may be asked without TLS at %s, which is private", (address) => {
    expect(faultOfAddress(address, { allow: null, encrypted: false })).toBeNull();
  });

  it.each(["11.0.0.0", "172.32.0.0", "192.169.0.1", "100.128.0.0", "203.0.113.9", "2001:db8::1"])(
    "is not asked without TLS at %s, which is public",
    (address) => {
      expect(faultOfAddress(address, { allow: null, encrypted: false })).toBe("plain-http-to-public");
    },
  );
});
