/** Tells the machine's own addresses from those that others can reach. */
import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** True for `localhost` and the loopback addresses; an IPv6 address may stand in brackets, as in a URL. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const version = isIP(name);
  return version === 0 ? name === "localhost" : LOOPBACK.check(name, version === 4 ? "ipv4" : "ipv6");
}
