/** Who sent a request: the address of the connection, or the one that a trusted proxy names. Pure. */
import { BlockList, isIP } from "node:net";
import { plainAddress } from "./network-address.ts";

/** Addresses and networks (CIDR), as the configuration checked them. */
export class Networks {
  readonly #list = new BlockList();
  readonly #isEmpty: boolean;

  constructor(ranges: readonly string[]) {
    this.#isEmpty = ranges.length === 0;
    for (const range of ranges) {
      const [address = "", bits] = range.split("/");
      const version = isIP(address);
      const type = version === 6 ? "ipv6" : "ipv4";
      if (version === 0) continue;
      if (bits === undefined) this.#list.addAddress(address, type);
      else this.#list.addSubnet(address, Number(bits), type);
    }
  }

  /** @param address plain; of one that is none, false */
  has(address: string): boolean {
    // Most lists name nobody, and each webhook asks.
    if (this.#isEmpty) return false;
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? "ipv6" : "ipv4");
  }
}

/** Nobody on the internet has one of these: behind them is this machine, its network, or a proxy. */
const INSIDE = new Networks([
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
]);

export function isInside(address: string): boolean {
  return INSIDE.has(address);
}

/** More proxies in a row than anybody has. */
const MOST_HOPS = 20;

export type Hop = {
  /** Of the connection, as the socket has it. */
  readonly remote: string | undefined;
  /** The header X-Forwarded-For, its lines joined by commas; undefined: there is none. */
  readonly forwardedFor: string | undefined;
};

/**
 * The address of the sender: of what came through trusted proxies, the last one that is none of them. Each proxy adds
 * at the right whom it was called by, so the header is read from there, and no further than trust goes: what is left
 * of that anybody can have written. null: a trusted proxy wrote what is no address, so nobody knows.
 */
export function lastUntrusted({ remote, forwardedFor }: Hop, trusted: Networks): string | null {
  let sender = plainAddress(remote);
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(",", 1_000);
  for (let count = 0; count < MOST_HOPS && trusted.has(sender); count += 1) {
    const named = hops.pop()?.trim();
    if (named === undefined) return sender;
    const address = plainAddress(withoutPort(named));
    if (isIP(address) === 0) return null;
    sender = address;
  }
  return sender;
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write it. */
function withoutPort(text: string): string {
  const [, bracketed, dotted] = /^\[([^\]]*)\](?::\d{1,5})?$|^(\d[\d.]*):\d{1,5}$/.exec(text) ?? [];
  return bracketed ?? dotted ?? text;
}
