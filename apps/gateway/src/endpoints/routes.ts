import {
  cancelOpenDeliveries,
  type EndpointRow,
  findDefaultEndpoint,
  markEndpointDeleted,
} from "@triggers/db";
import { DomainError } from "@triggers/domain";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { configureWebhookOperation, deleteWebhookOperation, getWebhookOperation } from "./operations.ts";
import { configureDefaultEndpoint, type EndpointDeps } from "./save-default-endpoint.ts";
import { webhookConfigSchema } from "./webhook-config-schema.ts";

const path = "/api/webhook/config";
const readBody = createBodyReader(262_144);

export function endpointRoutes(deps: EndpointDeps & { admit: Admit }): Route[] {
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
          const { organizationId } = principalOf(res);
          const { endpoint, signingSecret } = await configureDefaultEndpoint(deps, organizationId, body);
          sendJson(res, 200, {
            organization_id: organizationId,
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
          sendJson(res, 200, endpointView(await findOrRefuse(organizationId)));
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
          // Deleted first: what is not cancelled when the process dies is cancelled when a worker meets it.
          await markEndpointDeleted(deps.db, organizationId, id);
          await cancelOpenDeliveries(deps.db, organizationId, id);
          res.status(204).end();
        },
      ],
    },
  ];
}

/** Custom headers are credentials of the receiver: they are never shown. */
function endpointView(endpoint: EndpointRow) {
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
