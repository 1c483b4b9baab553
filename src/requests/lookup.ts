/** Resolves a name and gives out only the addresses that may be connected to: what it gives is what is connected to. */
import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { type AddressFault, type AddressRule, faultOfAddress } from "./addresses.ts";

export type Resolve = (
  host: string,
  done: (error: Error | null, found: readonly LookupAddress[]) => void,
) => void;

/** Of the operating system, with its hosts file. */
export const systemResolve: Resolve = (host, done) =>
  lookup(host, { all: true }, (error, found) => done(error, found ?? []));

/** A name with addresses, of which none may be connected to. */
export class RefusedAddress extends Error {
  override readonly name = "RefusedAddress";
  readonly address: string;
  readonly fault: AddressFault;

  constructor(address: string, fault: AddressFault) {
    super("refused address");
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
