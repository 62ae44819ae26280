import type { LookupAddress, LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import { addressRefused } from "./address-refused.ts";
import type { AddressRule } from "./address-rule.ts";

/** `dns.lookup` as called with `all: true`. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: "ENOTFOUND" });
}

/**
 * A `lookup` option for sockets that fails when any address of the name is refused. The socket connects to what it
 * answers and asks nobody again, so the address that was checked is the address that is used.
 */
export function guardedLookup(rule: AddressRule, lookup: LookupAll): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      // One bad address refuses the name: an attacker who mixes good and bad ones must not get lucky.
      const refused = error ? undefined : addresses.find(({ address }) => !rule.isAllowed(address));
      const first = error ? undefined : addresses[0];
      if (error) callback(error, []);
      else if (refused) callback(addressRefused(hostname, refused.address), []);
      else if (!first) callback(notFound(hostname), []);
      // Node.js asks for all addresses to try several families, and for one when that is switched off.
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
