import type { Route } from "../http/route-table.ts";
import type { ReplayDeps } from "../replays/start-replay.ts";
import { endpointRoutes } from "./endpoint-routes.ts";
import { endpointSecretRoutes } from "./endpoint-secret-routes.ts";
import { endpointStatsRoutes } from "./endpoint-stats-routes.ts";
import { endpointTestRoutes, type TestRouteDeps } from "./endpoint-test-routes.ts";
import { webhookConfigRoutes } from "./webhook-config-routes.ts";

export type WebhookDeps = TestRouteDeps & ReplayDeps & { now: () => number };

export function webhookRoutes(deps: WebhookDeps): Route[] {
  return [
    ...webhookConfigRoutes(deps),
    ...endpointRoutes(deps),
    ...endpointSecretRoutes(deps),
    ...endpointStatsRoutes(deps),
    ...endpointTestRoutes(deps),
  ];
}
