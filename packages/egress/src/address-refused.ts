/** The `code` of the error that a connection to a refused address fails with. */
export const ADDRESS_REFUSED = "EADDRREFUSED_BY_POLICY";

/** `target` is the host as it was asked for, `address` what it led to. */
export function addressRefused(target: string, address: string): NodeJS.ErrnoException {
  const path = target === address ? address : `${target} (${address})`;
  return Object.assign(new Error(`the egress rule refuses ${path}`), { code: ADDRESS_REFUSED });
}
