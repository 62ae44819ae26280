import { lookup as dnsLookup } from "node:dns";
import { Agent as HttpAgent, type ClientRequestArgs } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { addressRefused } from "./address-refused.ts";
import type { AddressRule } from "./address-rule.ts";
import { guardedLookup, type LookupAll } from "./guarded-lookup.ts";

export interface GuardedAgents {
  http: HttpAgent;
  https: HttpsAgent;
  /** Closes every connection, busy ones too. */
  destroy(): void;
}

export interface GuardedAgentsOptions {
  rule: AddressRule;
  /** Connections to one host and port; further requests wait, and their timeout runs meanwhile. */
  maxSocketsPerHost: number;
  /** How long an unused connection is kept, in milliseconds. */
  idleTimeoutMs: number;
  lookup?: LookupAll;
  /** TLS settings such as `ca`. */
  tls?: Pick<AgentOptions, "ca">;
}

type CreateConnection = (
  options: ClientRequestArgs,
  callback?: (error: Error | null, stream: Duplex) => void,
) => Duplex | null | undefined;

/**
 * Keep-alive agents whose connections only go where `rule` allows; others fail with the code `ADDRESS_REFUSED`
 * before a byte is sent. The check sits in `createConnection`, because a `lookup` is never asked about literal addresses.
 * Host header and TLS server name stay those of the URL.
 */
export function createGuardedAgents(options: GuardedAgentsOptions): GuardedAgents {
  const { rule, maxSocketsPerHost, idleTimeoutMs, lookup = dnsLookup } = options;
  const vettedLookup = guardedLookup(rule, lookup);
  const settings = { keepAlive: true, maxSockets: maxSocketsPerHost, timeout: idleTimeoutMs };

  const guard = (connect: CreateConnection): CreateConnection => {
    return (target, callback) => {
      const host = target.host ?? "localhost";
      if (isIP(host) !== 0 && !rule.isAllowed(host)) {
        // Errors go through the callback; its type demands a stream that an error does not have.
        callback?.(addressRefused(host, host), undefined as unknown as Duplex);
        return undefined;
      }
      // `socketPath` would lead to a Unix socket, past every address check.
      return connect({ ...target, socketPath: undefined, path: null, lookup: vettedLookup }, callback);
    };
  };

  class GuardedHttpAgent extends HttpAgent {
    override createConnection = guard(super.createConnection.bind(this));
  }
  class GuardedHttpsAgent extends HttpsAgent {
    override createConnection = guard(super.createConnection.bind(this));
  }

  const http = new GuardedHttpAgent(settings);
  const https = new GuardedHttpsAgent({ ...settings, ...options.tls });
  return {
    http,
    https,
    destroy: () => {
      http.destroy();
      https.destroy();
    },
  };
}
