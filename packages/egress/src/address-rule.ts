import { isIP } from "node:net";
import { embeddedIpv4 } from "./embedded-ipv4.ts";
import { parseCidrs } from "./parse-cidrs.ts";
import { GLOBAL_IPV6, REFUSED_IPV4, REFUSED_IPV6 } from "./refused-networks.ts";

/** Says which IP addresses webhooks may be sent to. */
export interface AddressRule {
  /** False for everything that is not a plain, globally routed address, unless an allowed network names it. */
  isAllowed(ip: string): boolean;
}

/**
 * The egress rule: only global unicast addresses, plus `allowedCidrs`. An IPv4-mapped address is refused unless
 * the IPv4 address is explicitly allowed; NAT64 and 6to4 addresses are judged by the IPv4 address inside.
 * Throws an Error that names the first entry of `allowedCidrs` that is not a network.
 */
export function createAddressRule({ allowedCidrs }: { allowedCidrs: readonly string[] }): AddressRule {
  const allowed = parseCidrs(allowedCidrs);
  const refusedIpv4 = parseCidrs(REFUSED_IPV4);
  const refusedIpv6 = parseCidrs(REFUSED_IPV6);
  const globalIpv6 = parseCidrs([GLOBAL_IPV6]);

  const isAllowed = (ip: string): boolean => {
    const version = isIP(ip);
    // A zone id only exists on link-local addresses, and BlockList matches nothing that has one.
    if (version === 0 || ip.includes("%")) return false;
    if (version === 4) return allowed.check(ip, "ipv4") || !refusedIpv4.check(ip, "ipv4");
    if (allowed.check(ip, "ipv6")) return true;
    const embedded = embeddedIpv4(ip);
    if (embedded?.kind === "mapped") return allowed.check(embedded.address, "ipv4");
    if (embedded) return isAllowed(embedded.address);
    return globalIpv6.check(ip, "ipv6") && !refusedIpv6.check(ip, "ipv6");
  };
  return { isAllowed };
}
