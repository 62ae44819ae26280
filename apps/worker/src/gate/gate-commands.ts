import type { RedisClient } from "@triggers/runtime";
import { enterScript, leaveScript, renewScript } from "./gate-scripts.ts";

/** What an attempt says about its endpoint; interrupted ones say nothing. */
export type PostOutcome = "success" | "failure" | "timeout" | "interrupted";

export interface EntryRequest {
  endpointId: string;
  /** Fresh for each request to the endpoint. */
  token: string;
  /** Keeps its turn when it comes back. */
  jobId: string;
  maxInFlight: number;
  ratePerSecond: number | null;
}

export interface LeaveReport {
  endpointId: string;
  token: string;
  outcome: PostOutcome;
  durationMs: number;
  /** An earlier request with this slot did. */
  hasSucceeded: boolean;
  /** How long the endpoint asked to be left alone; 0 where it did not. */
  askedMs: number;
}

/** When an endpoint is given a rest. */
export interface BreakerRule {
  /** One after another without a success. */
  failures: number;
  timeouts: number;
  /** The first rest; each further one without a success between is twice as long. */
  openMs: number;
  maxOpenMs: number;
}

/** Why a request may not be made now. */
export type Refusal = "breaker" | "full" | "rate" | "crowded";

export interface GateCommands {
  /** One decision over all workers: in flight, rate and breaker. The slot is free again after `holdMs` unless renewed. */
  enter(request: EntryRequest, holdMs: number): Promise<{ refused: Refusal | undefined; waitMs: number }>;
  renew(endpointId: string, tokens: readonly string[], holdMs: number): Promise<void>;
  /** Milliseconds for which the endpoint gets no request from now on; 0 when it is open. */
  leave(report: LeaveReport): Promise<number>;
  countOpenBreakers(): Promise<number>;
}

interface Commands {
  enterGate(...args: (string | number)[]): Promise<[number, number]>;
  renewGate(...args: (string | number)[]): Promise<number>;
  leaveGate(...args: (string | number)[]): Promise<number>;
}

const refusals = [undefined, "breaker", "full", "rate"] as const;

/** All of it expires and is rebuilt from nothing: what Redis forgets costs some requests to find out again. */
export function createGateCommands(redis: RedisClient, prefix: string, rule: BreakerRule): GateCommands {
  redis.defineCommand("enterGate", { numberOfKeys: 4, lua: enterScript });
  redis.defineCommand("leaveGate", { numberOfKeys: 3, lua: leaveScript });
  redis.defineCommand("renewGate", { numberOfKeys: 2, lua: renewScript });
  const commands = redis as unknown as Commands;
  const keyOf = (endpointId: string, what: string) => `{${prefix}}:gate:${endpointId}:${what}`;
  const breakersKey = `{${prefix}}:breakers`;
  return {
    async enter({ endpointId, token, jobId, maxInFlight, ratePerSecond }, holdMs) {
      const keys = ["flying", "health", "sent", "turns"].map((what) => keyOf(endpointId, what));
      const [answer, waitMs] = await commands.enterGate(
        ...keys,
        ...[token, jobId, maxInFlight, ratePerSecond ?? 0, holdMs],
      );
      return { refused: refusals[answer], waitMs };
    },
    async renew(endpointId, tokens, holdMs) {
      await commands.renewGate(keyOf(endpointId, "flying"), keyOf(endpointId, "health"), holdMs, ...tokens);
    },
    leave({ endpointId, token, outcome, durationMs, hasSucceeded, askedMs }) {
      const keys = [keyOf(endpointId, "flying"), keyOf(endpointId, "health"), breakersKey];
      const { failures, timeouts, openMs, maxOpenMs } = rule;
      const jitter = 0.8 + 0.4 * Math.random();
      return commands.leaveGate(
        ...keys,
        ...[token, outcome, durationMs, endpointId],
        ...[failures, timeouts, openMs, maxOpenMs, jitter, askedMs, hasSucceeded ? 1 : 0],
      );
    },
    // An open one that nobody probes any more, for want of deliveries, is in nobody's way.
    countOpenBreakers: () => redis.zcount(breakersKey, Date.now(), "+inf"),
  };
}
