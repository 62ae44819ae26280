import { deleteEndpoint, type EndpointRow, findDefaultEndpoint } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { changeOf } from "./endpoint-routes.ts";
import { requireOk } from "./require-endpoint.ts";
import { configureDefaultEndpoint } from "./save-default-endpoint.ts";
import type { EndpointDeps } from "./save-endpoint.ts";
import {
  configureWebhookOperation,
  deleteWebhookOperation,
  getWebhookOperation,
} from "./webhook-config-operations.ts";
import { webhookConfigSchema } from "./webhook-config-schema.ts";

const path = "/api/webhook/config";
const readBody = createBodyReader(262_144);

export function webhookConfigRoutes(deps: EndpointDeps & { admit: Admit }): Route[] {
  const findOrRefuse = async (organizationId: string): Promise<EndpointRow> => {
    const endpoint = await findDefaultEndpoint(deps.db, organizationId);
    if (!endpoint) throw new DomainError("not_found", "No webhook is configured.");
    return endpoint;
  };
  return [
    {
      method: "post",
      path,
      operation: configureWebhookOperation,
      handlers: [
        deps.admit("endpoints"),
        readBody,
        async (req, res) => {
          const body = validate(webhookConfigSchema, requireJsonObject(req), "body");
          const { endpoint, signingSecret } = await configureDefaultEndpoint(deps, changeOf(res), body);
          sendJson(res, 200, {
            organization_id: endpoint.organization_id,
            endpoint_id: endpoint.id,
            webhook_url: endpoint.url,
            ...(signingSecret === undefined ? {} : { signing_secret: signingSecret }),
            updated_at: endpoint.updated_at,
            message:
              signingSecret === undefined
                ? "The webhook is updated."
                : "The webhook is configured. Keep the signing secret to verify what it receives.",
            success: true,
          });
        },
      ],
    },
    {
      method: "get",
      path,
      operation: getWebhookOperation,
      handlers: [
        deps.admit("read"),
        async (_req, res) => {
          const { organizationId } = principalOf(res);
          sendJson(res, 200, configView(await findOrRefuse(organizationId)));
        },
      ],
    },
    {
      method: "delete",
      path,
      operation: deleteWebhookOperation,
      handlers: [
        deps.admit("endpoints"),
        async (_req, res) => {
          const { organizationId } = principalOf(res);
          const { id } = await findOrRefuse(organizationId);
          requireOk(await deleteEndpoint(deps.db, changeOf(res), id));
          res.status(204).end();
        },
      ],
    },
  ];
}

/** Custom headers are credentials of the receiver: they are never shown. */
function configView(endpoint: EndpointRow) {
  return {
    organization_id: endpoint.organization_id,
    endpoint_id: endpoint.id,
    webhook_url: endpoint.url,
    event_types: endpoint.event_types,
    timeout_ms: endpoint.timeout_ms,
    enabled: endpoint.enabled,
    disabled_reason: endpoint.disabled_reason,
    disabled_at: endpoint.disabled_at,
    created_at: endpoint.created_at,
    updated_at: endpoint.updated_at,
  };
}
