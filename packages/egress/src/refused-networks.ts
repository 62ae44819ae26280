/** IPv4 networks that no webhook has business with: IANA's special-purpose registry plus one metadata address. */
export const REFUSED_IPV4: readonly string[] = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT, also a cloud's metadata service
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's WireServer: a metadata service on an address that looks public
  "169.254.0.0/16", // link-local, most clouds' metadata service
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments, also a cloud's metadata service
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays, withdrawn
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
];

/** The only IPv6 block with global unicast addresses: what lies outside (::, ::1, fc00::/7, fe80::/10, ff00::/8) is refused. */
export const GLOBAL_IPV6 = "2000::/3";

/** What is not global inside of `GLOBAL_IPV6`. */
export const REFUSED_IPV6: readonly string[] = [
  "2001::/23", // protocol assignments: Teredo, benchmarks, ORCHID
  "2001:db8::/32", // documentation
  "3fff::/20", // documentation
];
