import type { RequestHandler } from "express";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import {
  apiHealthOperation,
  detailedHealthOperation,
  healthOperation,
  livenessOperation,
  readinessOperation,
  welcomeOperation,
} from "./operations.ts";
import type { Readiness } from "./readiness.ts";

export interface HealthDeps {
  readiness: Readiness;
  version: string;
}

export function healthRoutes({ readiness, version }: HealthDeps): Route[] {
  const healthy: RequestHandler = (_req, res) => {
    const warnings = readiness.warnings();
    sendJson(res, 200, {
      status: "healthy",
      version,
      uptime_seconds: Math.floor(process.uptime()),
      ...(warnings.length > 0 ? { warnings } : {}),
    });
  };
  const detailed: RequestHandler = (_req, res) => {
    const down = readiness.down();
    sendJson(res, 200, {
      status: "healthy",
      version,
      uptime_seconds: Math.floor(process.uptime()),
      memory_bytes: process.memoryUsage.rss(),
      dependencies: {
        redis: down.includes("redis") ? "down" : "up",
        postgres: down.includes("postgres") ? "down" : "up",
      },
      warnings: readiness.warnings(),
      blockers: readiness.blockers(),
    });
  };
  const ready: RequestHandler = (_req, res) => {
    const [blockers, down] = [readiness.blockers(), readiness.down()];
    if (blockers.length > 0) sendJson(res, 503, { status: "not_ready", reasons: blockers, down });
    else if (down.length > 0) sendJson(res, 200, { status: "degraded", down });
    else sendJson(res, 200, { status: "ready" });
  };
  const live: RequestHandler = (_req, res) => {
    sendJson(res, 200, { status: "live" });
  };
  const welcome: RequestHandler = (_req, res) => {
    sendJson(res, 200, {
      name: "Triggers API",
      version,
      links: { docs: "/docs", openapi: "/openapi.json", health: "/health", ready: "/health/ready" },
    });
  };
  return [
    { method: "get", path: "/", operation: welcomeOperation, handlers: [welcome] },
    { method: "get", path: "/health", operation: healthOperation, handlers: [healthy] },
    { method: "get", path: "/health/live", operation: livenessOperation, handlers: [live] },
    { method: "get", path: "/health/ready", operation: readinessOperation, handlers: [ready] },
    { method: "get", path: "/api/health", operation: apiHealthOperation, handlers: [healthy] },
    { method: "get", path: "/api/health/detailed", operation: detailedHealthOperation, handlers: [detailed] },
  ];
}
