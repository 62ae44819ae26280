import type { Route } from "../http/route-table.ts";
import type { Admit } from "../keys/admission.ts";
import { endpointRoutes } from "./endpoint-routes.ts";
import { endpointSecretRoutes } from "./endpoint-secret-routes.ts";
import type { EndpointDeps } from "./save-endpoint.ts";
import { webhookConfigRoutes } from "./webhook-config-routes.ts";

export type WebhookDeps = EndpointDeps & { admit: Admit };

export function webhookRoutes(deps: WebhookDeps): Route[] {
  return [...webhookConfigRoutes(deps), ...endpointRoutes(deps), ...endpointSecretRoutes(deps)];
}
