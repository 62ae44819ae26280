import { lookup } from "node:dns/promises";

/** All addresses of a host name; rejects when it has none. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

/** Asks what connecting asks (hosts file included), so that both see the same addresses. */
export const resolveHost: ResolveHost = async (hostname) => {
  const answers = await lookup(hostname, { all: true });
  return answers.map(({ address }) => address);
};
