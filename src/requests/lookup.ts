/** Resolves a name and gives out only the addresses that may be connected to: what it gives is what is connected to. */
import { lookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { RotatorError } from "../core/errors.ts";
import { type AddressFault, type AddressRule, faultOfAddress } from "./addresses.ts";

export type Resolve = (
  host: string,
  done: (error: Error | null, found: readonly LookupAddress[]) => void,
) => void;

/** Of the operating system, with its hosts file. */
export const systemResolve: Resolve = (host, done) =>
  lookup(host, { all: true }, (error, found) => done(error, found ?? []));

const WHY: Readonly<Record<AddressFault, string>> = {
  never: "link-local, a cloud's metadata service or no single machine",
  "not-allowed": "in no network of allow",
  "plain-http-to-public": "public, without TLS",
};

/** A name with addresses, of which none may be connected to. */
export class RefusedAddress extends RotatorError {
  override readonly name = "RefusedAddress";
  /** As faults of sockets have one. */
  readonly code = "EADDRREFUSED";
  readonly address: string;
  readonly fault: AddressFault;

  constructor(address: string, fault: AddressFault) {
    super(`nothing is sent to ${address}, which is ${WHY[fault]}`, { effect: "none", retry: "never" });
    this.address = address;
    this.fault = fault;
  }
}

/** A `lookup` for sockets. Names are resolved anew for every connection, so a later answer is judged as well. */
export function guardedLookup(resolve: Resolve, rule: AddressRule): LookupFunction {
  return (host, { all }, done) =>
    resolve(host, (error, found) => {
      if (error) return done(error, []);
      const judged = found.map((entry) => ({ ...entry, fault: faultOfAddress(entry.address, rule) }));
      const open = judged.flatMap(({ fault, ...entry }) => (fault === null ? [entry] : []));
      const [first] = open;
      if (first) return all ? done(null, open) : done(null, first.address, first.family);
      const [refused] = judged;
      const none = Object.assign(new Error("no address"), { code: "ENOTFOUND" });
      done(refused?.fault ? new RefusedAddress(refused.address, refused.fault) : none, []);
    });
}

/**
 * The same for what looks up names by itself: an address of the host that may not be connected to; null: there is none,
 * or the name has no address at all.
 */
export function refusedAddressOf(
  host: string,
  rule: AddressRule,
  resolve: Resolve = systemResolve,
): Promise<RefusedAddress | null> {
  const judge = (addresses: readonly string[]) => {
    const judged = addresses.map((address) => ({ address, fault: faultOfAddress(address, rule) }));
    const refused = judged.find(({ fault }) => fault !== null);
    return refused?.fault ? new RefusedAddress(refused.address, refused.fault) : null;
  };
  if (isIP(host) !== 0) return Promise.resolve(judge([host]));
  return new Promise((done) => {
    resolve(host, (_error, found) => done(judge(found.map(({ address }) => address))));
  });
}
