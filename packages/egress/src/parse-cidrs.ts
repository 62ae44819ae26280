import { BlockList, isIP } from "node:net";

/**
 * Networks such as `10.0.0.0/8` or `fd00::/8`; an address without a prefix means itself alone.
 * Throws an Error that names the first entry that is neither.
 */
export function parseCidrs(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", prefix, ...rest] = cidr.split("/");
    const version = address.includes("%") ? 0 : isIP(address);
    const bits = version === 4 ? 32 : 128;
    // Number() would read "" as 0 and "1e1" as 10: a slip of the pen must not open everything.
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (version === 0 || rest.length > 0 || !(length <= bits)) {
      throw new Error(`not a network in CIDR notation: ${JSON.stringify(cidr)}`);
    }
    list.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
