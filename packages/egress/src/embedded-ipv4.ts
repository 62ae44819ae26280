/** The ways in which an IPv6 address can stand for an IPv4 one. */
export interface EmbeddedIpv4 {
  kind: "mapped" | "nat64" | "6to4";
  address: string;
}

/** The eight 16-bit groups of an IPv6 address without a zone id. */
function groupsOf(ip: string): number[] {
  // The URL parser writes every spelling (upper case, dotted tail, leading zeros) in one way.
  const canonical = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/**
 * The IPv4 address that a packet to `ip` ends at, where `ip` is IPv4-mapped (::ffff:0:0/96, RFC 4291), NAT64
 * (64:ff9b::/96, RFC 6052) or 6to4 (2002::/16, RFC 3056); undefined for every other IPv6 address.
 * Expects a valid IPv6 address without a zone id.
 */
export function embeddedIpv4(ip: string): EmbeddedIpv4 | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groupsOf(ip);
  if (a === 0x2002) return { kind: "6to4", address: dotted(b, c) };
  if ((c | d | e) !== 0) return undefined;
  if (a === 0x64 && b === 0xff9b && f === 0) return { kind: "nat64", address: dotted(g, h) };
  if (a === 0 && b === 0 && f === 0xffff) return { kind: "mapped", address: dotted(g, h) };
  return undefined;
}
