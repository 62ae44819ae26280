import { DomainError } from "@triggers/domain";
import type { Express, RequestHandler } from "express";
import { hasCheckedQuery, type Operation } from "./operation.ts";
import { markDeprecated } from "./mark-deprecated.ts";
import { refuseQuery } from "./refuse-query.ts";

export interface Route {
  method: "get" | "post" | "patch" | "delete";
  path: string;
  /** What the OpenAPI document says of it. */
  operation: Operation;
  handlers: RequestHandler[];
}

/** Registers the routes; another method on a known path is a 405 that names the ones it knows, all else a 404. */
export function registerRoutes(app: Express, routes: readonly Route[]): void {
  const methods = new Map<string, string[]>();
  for (const { method, path, operation, handlers } of routes) {
    if (operation.isDeprecated) app[method](path, markDeprecated);
    const isWithoutQuery = operation.query === undefined && hasCheckedQuery(operation);
    // Behind key, scope and size, whose refusals go first.
    app[method](path, ...(isWithoutQuery ? handlers.toSpliced(-1, 0, refuseQuery) : handlers));
    const verb = method.toUpperCase();
    methods.set(path, [...(methods.get(path) ?? []), ...(verb === "GET" ? ["GET", "HEAD"] : [verb])]);
  }
  for (const [path, verbs] of methods) {
    const allow = [...verbs, "OPTIONS"].join(", ");
    app.all(path, (req, res) => {
      if (req.method === "OPTIONS") {
        res.set("Allow", allow).sendStatus(204);
        return;
      }
      throw new DomainError("method_not_allowed", `${req.method} is not known here; ${allow} are.`, {
        headers: { Allow: allow },
      });
    });
  }
  app.use((req) => {
    throw new DomainError("not_found", `There is no route ${req.method} ${req.path}.`);
  });
}
