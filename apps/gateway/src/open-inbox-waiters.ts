import { type Database, readPositions } from "@triggers/db";
import { subscribeToWakeUps } from "@triggers/queues";
import { createPatientRedis, type Logger, type Releasers } from "@triggers/runtime";
import type { GatewayConfig } from "./config.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { createInboxWaiters, type InboxWaiters } from "./inbox/inbox-waiters.ts";

/** The readers that wait for events, and what wakes them: a connection of its own. */
export function openInboxWaiters(options: {
  config: GatewayConfig;
  db: Database;
  metrics: GatewayMetrics;
  logger: Logger;
  releasers: Releasers;
}): InboxWaiters {
  const { config, db, metrics, logger, releasers } = options;
  const inboxWaiters = createInboxWaiters({
    subscribe: (listener) =>
      subscribeToWakeUps(
        createPatientRedis(config.REDIS_URL, { name: "triggers-gateway-wake-ups", logger }),
        config.REDIS_PREFIX,
        listener,
      ),
    readPositions: (organizationIds) => readPositions(db, organizationIds),
    checkMs: config.WAKE_UP_CHECK_MS,
    maxPerOrganization: config.MAX_WAITERS_PER_ORG,
  });
  releasers.push("wake-ups", () => inboxWaiters.stop());
  metrics.showWaitingReaders(() => inboxWaiters.counts());
  return inboxWaiters;
}
