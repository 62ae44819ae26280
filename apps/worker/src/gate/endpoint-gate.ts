import { setTimeout as pause } from "node:timers/promises";
import type { EntryRequest, GateCommands, LeaveReport, Refusal } from "./gate-commands.ts";
import {
  closeLocally,
  createLocalEndpoint,
  handOver,
  type LocalEndpoint,
  type Slot,
  waitForTurn,
} from "./local-endpoint.ts";

/** First attempts and retries have jobs of their own, so one kind's waiting takes nothing from the other. */
export type AttemptKind = "first" | "retry";

export type Entry =
  | {
      outcome: "entered";
      leave: (report: Omit<LeaveReport, "endpointId" | "token" | "hasSucceeded">) => Promise<void>;
    }
  | { outcome: "refused"; reason: Refusal; waitMs: number };

export interface EndpointGate {
  /** How long the endpoint is known to be closed, in milliseconds: a reason not to claim anything for it. */
  closedMs(endpointId: string): number;
  /** Waits a moment for a slot. Rejects when Redis is away: nobody enters unseen. */
  enter(kind: AttemptKind, request: EntryRequest): Promise<Entry>;
  stop(): void;
}

export interface EndpointGateOptions {
  commands: GateCommands;
  /** How many jobs of each kind this process runs at once. */
  concurrency: Record<AttemptKind, number>;
  /** A dead worker's slots come back after it. */
  holdMs?: number;
  onRefused: (reason: Refusal) => void;
  onError: (error: unknown) => void;
}

/** A job waits so long in line for a slot, less when many do; then it goes back to its queue. */
const patienceMs = 500;
const shortPatienceMs = 100;
/** So long a process may keep a slot for its own line; then the other processes have their chance. */
const keepSlotMs = 100;
const minWaitMs = 20;
const maxWaitMs = 15_000;
/** A request that takes longer is one that may hang. */
const slowMs = 1_000;
const maxIdleEndpoints = 1_000;

const jittered = (ms: number) => Math.min(Math.max(ms, minWaitMs), maxWaitMs) * (0.75 + Math.random() / 2);

/** Not all come back at once: the first one after a rest is a probe, and the others would find it under way. */
function restOf({ closedUntil, isClosedByBreaker }: LocalEndpoint): number {
  const leftMs = closedUntil - performance.now();
  return isClosedByBreaker ? leftMs + Math.random() * Math.max(200, leftMs / 4) : jittered(leftMs);
}

/**
 * Stands around each request: its slot, its endpoint's rate and breaker are decided in Redis over all workers. What
 * this process knows anyway is not asked there, and who is refused comes back the later the longer nothing has moved,
 * so that hanging endpoints cost next to nothing.
 */
export function createEndpointGate({ commands, concurrency, ...options }: EndpointGateOptions): EndpointGate {
  const endpoints = new Map<string, LocalEndpoint>();
  const { holdMs = 1_500 } = options;
  const inside = { first: 0, retry: 0 };

  function localOf(endpointId: string): LocalEndpoint {
    const now = performance.now();
    const known = endpoints.get(endpointId);
    if (known) return known;
    if (endpoints.size >= maxIdleEndpoints) {
      for (const [id, { busy, closedUntil }] of endpoints)
        if (busy === 0 && closedUntil <= now) endpoints.delete(id);
    }
    const created = createLocalEndpoint(now);
    endpoints.set(endpointId, created);
    return created;
  }

  /** Half of all jobs wait for answers: endpoints that take long must leave the rest to others. */
  function isCrowded(kind: AttemptKind, { flying }: LocalEndpoint): boolean {
    const [oldest] = flying.values();
    const isSlow = oldest !== undefined && performance.now() - oldest > slowMs;
    return isSlow && inside[kind] > concurrency[kind] / 2;
  }

  function refuse(reason: Refusal, waitMs: number): Entry {
    options.onRefused(reason);
    return { outcome: "refused", reason, waitMs: Math.ceil(waitMs) };
  }

  const refuseClosed = (local: LocalEndpoint) =>
    refuse(local.isClosedByBreaker ? "breaker" : "full", restOf(local));

  /** By those that are in line before, and by how long nothing has moved. */
  function refuseFull(local: LocalEndpoint, maxInFlight: number): Entry {
    const inLineMs = local.averageMs * Math.ceil((local.waiting.length + 1) / maxInFlight);
    return refuse("full", jittered(Math.max(inLineMs, performance.now() - local.movedAt)));
  }

  /** Asks Redis with a slot of this process in hand; a short wait is spent here. */
  async function ask(
    local: LocalEndpoint,
    request: EntryRequest,
    endsAt: number,
  ): Promise<Entry | undefined> {
    for (;;) {
      const { refused, waitMs } = await commands.enter(request, holdMs);
      if (refused === undefined) return undefined;
      const now = performance.now();
      if (refused !== "breaker" && now + waitMs <= endsAt) {
        await pause(Math.max(waitMs, 5));
        continue;
      }
      if (refused === "rate") return refuse("rate", waitMs);
      closeLocally(local, now + waitMs, refused === "breaker");
      return refuse(refused, restOf(local));
    }
  }

  function enterWith(slot: Slot, kind: AttemptKind, local: LocalEndpoint, request: EntryRequest): Entry {
    const startedAt = performance.now();
    const { endpointId } = request;
    const { token } = slot;
    if (local.flying.size === 0) local.movedAt = startedAt;
    local.flying.set(token, startedAt);
    return {
      outcome: "entered",
      async leave(report) {
        local.flying.delete(token);
        inside[kind] -= 1;
        if (report.outcome !== "interrupted") {
          local.movedAt = performance.now();
          local.averageMs = local.averageMs * 0.8 + report.durationMs * 0.2;
        }
        if (!local.isClosedByBreaker) local.closedUntil = 0;
        // Two round trips less between two requests; a limited rate needs each of them to be asked for.
        const mayKeep = performance.now() - slot.since < keepSlotMs && request.ratePerSecond === null;
        if (report.outcome === "success" && mayKeep && local.waiting.length > 0) {
          handOver(local, { ...slot, hasSucceeded: true });
          return;
        }
        // First Redis, then the next in line, which would else find the slot taken.
        try {
          const { hasSucceeded } = slot;
          const closedMs = await commands.leave({ endpointId, token, hasSucceeded, ...report });
          if (report.outcome === "success") local.closedUntil = 0;
          if (closedMs > 0) closeLocally(local, performance.now() + closedMs, true);
        } catch (error) {
          options.onError(error);
        } finally {
          handOver(local, "may ask");
        }
      },
    };
  }

  async function tryToEnter(kind: AttemptKind, local: LocalEndpoint, request: EntryRequest): Promise<Entry> {
    const now = performance.now();
    if (local.closedUntil > now) return refuseClosed(local);
    if (isCrowded(kind, local)) return refuse("crowded", jittered(slowMs));
    const endsAt = now + (inside[kind] > concurrency[kind] / 2 ? shortPatienceMs : patienceMs);
    if (local.busy >= request.maxInFlight || local.waiting.length > 0) {
      if (now - local.movedAt > endsAt - now) return refuseFull(local, request.maxInFlight);
      const turn = await waitForTurn(local, endsAt - now);
      if (turn === "refused") {
        return local.closedUntil > performance.now()
          ? refuseClosed(local)
          : refuseFull(local, request.maxInFlight);
      }
      if (turn !== "may ask") return enterWith(turn, kind, local, request);
    } else {
      // It stood still for want of requests, which says nothing about the endpoint.
      if (local.busy === 0) local.movedAt = now;
      local.busy += 1;
    }
    try {
      const refusal = await ask(local, request, endsAt);
      if (refusal) {
        handOver(local, "may ask");
        return refusal;
      }
      const slot = { token: request.token, since: performance.now(), hasSucceeded: false };
      return enterWith(slot, kind, local, request);
    } catch (error) {
      handOver(local, "may ask");
      throw error;
    }
  }

  async function renewAll(): Promise<void> {
    const renewals = [...endpoints].map(async ([endpointId, { flying }]) => {
      if (flying.size > 0) await commands.renew(endpointId, [...flying.keys()], holdMs);
    });
    await Promise.all(renewals).catch(options.onError);
  }
  const timer = setInterval(() => void renewAll(), holdMs / 3);

  return {
    stop: () => {
      clearInterval(timer);
    },
    closedMs(endpointId) {
      const local = endpoints.get(endpointId);
      return local && local.closedUntil > performance.now() ? Math.ceil(restOf(local)) : 0;
    },
    async enter(kind, request) {
      inside[kind] += 1;
      let entry: Entry | undefined;
      try {
        entry = await tryToEnter(kind, localOf(request.endpointId), request);
        return entry;
      } finally {
        if (entry?.outcome !== "entered") inside[kind] -= 1;
      }
    },
  };
}
