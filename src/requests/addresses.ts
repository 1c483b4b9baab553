/**
 * Which addresses may be asked that somebody configured. A mistaken or hostile name must not make this process probe its network, so
 * the rules are about what a name resolves to, at the moment of connecting.
 */
import { BlockList, isIP } from "node:net";

/**
 * Nobody's application is here, but the secrets of cloud machines are: the metadata services of AWS, GCP, Azure,
 * Oracle and DigitalOcean (all link-local, or as named), of AWS and GCP over IPv6, of Alibaba and Azure's wire server;
 * the same as NAT64 (RFC 6052), 6to4 and IPv4-compatible addresses; and what is no single machine.
 */
const NEVER = networks([
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "0.0.0.0/8",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "fe80::/10",
  "fd00:ec2::/32",
  "fd20:ce::254/128",
  "64:ff9b::a9fe:0/112",
  "64:ff9b::6464:64c8/128",
  "64:ff9b::a83f:8110/128",
  "2002:a9fe::/32",
  "::a9fe:0/112",
  "::/128",
  "ff00::/8",
]);

/** Where plain http may go: this machine and private networks (RFC 1918, RFC 6598, RFC 4193). */
const PRIVATE = networks([
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
]);

/** Why an address is not connected to. */
export type AddressFault = "never" | "not-allowed" | "plain-http-to-public";

export type AddressRule = {
  /** null: everywhere but where nobody may. */
  readonly allow: BlockList | null;
  readonly encrypted: boolean;
};

/** null: the address may be connected to. */
export function faultOfAddress(address: string, { allow, encrypted }: AddressRule): AddressFault | null {
  if (has(NEVER, address)) return "never";
  if (allow && !has(allow, address)) return "not-allowed";
  return encrypted || has(PRIVATE, address) ? null : "plain-http-to-public";
}

/** @param cidrs valid ones, as the configuration checks them */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [base = "", prefix = ""] = cidr.split("/");
    list.addSubnet(base, Number(prefix), isIP(base) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/** IPv4 addresses in IPv6 notation (::ffff:…) are compared as IPv4. */
function has(list: BlockList, address: string): boolean {
  const [bare = ""] = address.split("%");
  return list.check(bare, isIP(bare) === 4 ? "ipv4" : "ipv6");
}
