/**
 * How connections are opened to an address from the configuration: only where the rules of addresses.ts allow it, judged by
 * what its name resolves to at that moment, and only to a server that proves who it is.
 */
import { isIP } from "node:net";
import type { buildConnector as Connector } from "undici";
import { type AddressRule, faultOfAddress } from "./addresses.ts";
import { guardedLookup, RefusedAddress, type Resolve, systemResolve } from "./lookup.ts";
import { buildConnector } from "./undici.ts";

export type GuardedConnect = {
  /** For a connection, its TLS handshake included. */
  readonly timeoutMs: number;
  /** In PEM; left out: the authorities that Node trusts. */
  readonly ca?: string;
  /** Left out: everywhere but where nobody may. */
  readonly rule?: Omit<AddressRule, "encrypted">;
  /** What tests replace. */
  readonly resolve?: Resolve;
};

/** The `connect` of an undici Agent. HTTP/1.1 only: when a connection breaks, one answer is lost and no more. */
export function guardedConnect({
  timeoutMs,
  ca,
  rule = { allow: null },
  resolve = systemResolve,
}: GuardedConnect): Connector.connector {
  const ways = [false, true].map((encrypted) => {
    const judging = { ...rule, encrypted };
    const connect = buildConnector({
      timeout: timeoutMs,
      allowH2: false,
      // Said aloud, so that no NODE_TLS_REJECT_UNAUTHORIZED in the environment can send a secret to a stranger.
      rejectUnauthorized: true,
      lookup: guardedLookup(resolve, judging),
      ...(ca !== undefined && { ca }),
    });
    return { judging, connect };
  });
  return (target, done) => {
    const way = ways[target.protocol === "https:" ? 1 : 0];
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    // Sockets look up names only: an address is connected to as it is.
    const fault = way && isIP(host) !== 0 ? faultOfAddress(host, way.judging) : null;
    if (fault !== null) done(new RefusedAddress(host, fault), null);
    else way?.connect(target, done);
  };
}
