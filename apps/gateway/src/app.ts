import type { Logger } from "@triggers/runtime";
import cors from "cors";
import express, { type Express } from "express";
import { type DeliveryDeps, deliveryRoutes } from "./deliveries/routes.ts";
import { createReferenceAssets, docsRoutes } from "./docs/routes.ts";
import { type WebhookDeps, webhookRoutes } from "./endpoints/routes.ts";
import { eraseRoutes } from "./events/erase-routes.ts";
import { type EventDeps, eventRoutes } from "./events/routes.ts";
import { type EventListDeps, eventListRoutes } from "./events/list-routes.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { type HealthDeps, healthRoutes } from "./health/routes.ts";
import { createErrorHandler } from "./http/error-handler.ts";
import { createRequestContext } from "./http/request-context.ts";
import { registerRoutes } from "./http/route-table.ts";
import { type InboxReadDeps, inboxReadRoutes } from "./inbox/read-routes.ts";
import { type LeaseRouteDeps, leaseRoutes } from "./inbox/lease-routes.ts";
import { type InboxDeps, inboxRoutes } from "./inbox/routes.ts";
import { type KeyDeps, keyRoutes } from "./keys/routes.ts";
import { type OperationsDeps, operationsRoutes } from "./operations/routes.ts";
import type { ReplayDeps } from "./replays/start-replay.ts";
import { replayRoutes } from "./replays/routes.ts";
import { type OperatorDeps, operatorRoutes } from "./operator/routes.ts";

export type AppDeps = HealthDeps &
  KeyDeps &
  EventDeps &
  EventListDeps &
  InboxReadDeps &
  InboxDeps &
  LeaseRouteDeps &
  WebhookDeps &
  DeliveryDeps &
  ReplayDeps &
  OperatorDeps &
  OperationsDeps & {
    observeRequests: GatewayMetrics["observeRequests"];
    logger: Logger;
    slowRequestMs: number;
    corsAllowedOrigins: string[];
    /** What Express may believe of X-Forwarded-For: a number of proxies, or their addresses. */
    trustProxy: string | number | undefined;
  };

export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag");
  if (deps.trustProxy !== undefined) app.set("trust proxy", deps.trustProxy);
  app.use(deps.observeRequests);
  app.use(createRequestContext(deps));
  if (deps.corsAllowedOrigins.length > 0) app.use(cors(corsOptions(deps.corsAllowedOrigins)));
  app.use("/docs/assets", createReferenceAssets());
  const routes = [
    // First, since every request is held against one route after the other.
    ...eventRoutes(deps),
    ...keyRoutes(deps),
    ...eventListRoutes(deps),
    ...eraseRoutes(deps),
    ...inboxReadRoutes(deps),
    ...inboxRoutes(deps),
    ...leaseRoutes(deps),
    ...webhookRoutes(deps),
    ...deliveryRoutes(deps),
    ...replayRoutes(deps),
    ...operatorRoutes(deps),
    ...healthRoutes(deps),
    ...operationsRoutes(deps),
  ];
  registerRoutes(app, [...routes, ...docsRoutes(routes, deps.version)]);
  app.use(createErrorHandler(deps.logger));
  return app;
}

function corsOptions(origins: string[]): cors.CorsOptions {
  return {
    origin: origins.includes("*") ? "*" : origins,
    exposedHeaders: [
      "Location",
      "Idempotency-Replayed",
      "Retry-After",
      "X-Request-Id",
      "X-RateLimit-Limit",
      "X-RateLimit-Remaining",
      "X-RateLimit-Reset",
    ],
    maxAge: 600,
  };
}
