/** Addresses of connections, as rules need them. Pure. */
import { isIP } from "node:net";

const MAPPED = /^::ffff:(?=.*\.)/i;

/** An IPv4 address that came in on an IPv6 socket as itself, and no zone. */
export function plainAddress(remote: string | undefined): string {
  return (remote ?? "").replace(MAPPED, "").replace(/%.*$/, "");
}

/** Whom one subscriber's addresses have in common: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(remote: string | undefined): string {
  const address = plainAddress(remote);
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const before = groups(head);
  // Where the two colons stand for the missing groups; a dotted end counts as two.
  const after = groups(tail ?? "");
  const given = before.length + after.length + (address.includes(".") ? 1 : 0);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - given }, () => "0");
  const prefix = [...before, ...zeros, ...after].slice(0, 4);
  return `${prefix.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

function groups(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
