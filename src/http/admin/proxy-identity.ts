/**
 * Who somebody is on the word of a proxy that signs people in (OIDC). Its headers mean something only if they come from
 * its address, as the connection has it: anybody can write a header.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { plainAddress } from "../network-address.ts";
import type { Caller, Role } from "./caller.ts";

export type ProxyTrust = {
  /** Addresses and ranges (CIDR). */
  readonly addresses: readonly string[];
  /** Names of headers in lower case. */
  readonly userHeader: string;
  readonly groupsHeader: string;
  /** Groups. Who is in one of both lists is an operator. */
  readonly operators: readonly string[];
  readonly viewers: readonly string[];
};

/** What a request proves by coming from the proxy. */
export type ProxyWord =
  | { readonly kind: "caller"; readonly caller: Caller }
  /** It is from the proxy, and not let in. `why`: public text that repeats nothing of the headers. */
  | { readonly kind: "refused"; readonly why: string }
  /** It is not from the proxy, or the proxy names nobody. */
  | { readonly kind: "nothing" };

/** What is looked at of a request. */
export type Proxied = Pick<IncomingMessage, "headersDistinct"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

const NOTHING = { kind: "nothing" } as const;

export function createProxyIdentity(trust: ProxyTrust): (request: Proxied) => ProxyWord {
  const list = blockList(trust.addresses);
  return (request) => {
    if (!holds(list, request.socket.remoteAddress)) return NOTHING;
    const users = request.headersDistinct[trust.userHeader] ?? [];
    const groups = request.headersDistinct[trust.groupsHeader] ?? [];
    const [user] = users;
    if (user === undefined || user === "") return NOTHING;
    // A proxy that adds its header to one of the client's own hands on what the client wants to be.
    if (users.length > 1 || groups.length > 1) return refused(TWICE);
    // Into logs and records it goes in one line.
    if (!/^[\x21-\x7e]{1,320}$/.test(user)) return refused(NO_NAME);
    const role = roleOf(
      (groups[0] ?? "").split(",").map((group) => group.trim()),
      trust,
    );
    return role ? { kind: "caller", caller: { name: user, role } } : refused(NO_GROUP);
  };
}

function roleOf(groups: readonly string[], { operators, viewers }: ProxyTrust): Role | null {
  if (groups.some((group) => operators.includes(group))) return "operator";
  return groups.some((group) => viewers.includes(group)) ? "viewer" : null;
}

function blockList(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of addresses) {
    const [address = "", bits] = range.split("/");
    const type = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list;
}

function holds(list: BlockList, remote: string | undefined): boolean {
  const address = plainAddress(remote);
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
}

function refused(why: string): ProxyWord {
  return { kind: "refused", why };
}

const TWICE =
  "The proxy sent a header twice that says who you are: it must replace what the client sends, not add to it.";
const NO_NAME = "The proxy names you by something that is no e-mail address and no user name.";
const NO_GROUP =
  "The proxy knows you, but none of your groups is in operators or viewers of the section admin.proxy in the rotator's configuration.";
