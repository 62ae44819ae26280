import { listOrganizations } from "@triggers/db";
import type { Tier } from "@triggers/domain";
import type { RequestHandler } from "express";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { uuidParam } from "../http/uuid-param.ts";
import { validate } from "../http/validate.ts";
import { createKey } from "../keys/create-key.ts";
import { createdKeyView } from "../keys/created-key-view.ts";
import type { SecretHasher } from "../keys/secret-hasher.ts";
import { changeOrganization, type ChangeOrganizationDeps, getOrganization } from "./change-organization.ts";
import { eraseOrganization } from "./erase-organization.ts";
import { pageAnswer, pageOf } from "../http/list-page.ts";
import { adminKeySchema, changeOrganizationSchema, organizationListSchema } from "./operator-schemas.ts";
import {
  listOrganizationsOperation,
  getOrganizationOperation,
  changeOrganizationOperation,
  eraseOrganizationOperation,
  createAdminKeyOperation,
} from "./organization-operations.ts";
import { organizationView } from "./organization-view.ts";

export interface OrganizationRouteDeps extends ChangeOrganizationDeps {
  hasher: SecretHasher;
  rateLimitOfTier: Record<Tier, number>;
}

const readBody = createBodyReader(16_384);
const path = "/api/admin/organizations/:organization_id";

export function organizationRoutes(deps: OrganizationRouteDeps, operator: RequestHandler): Route[] {
  const idOf = (text: unknown) => uuidParam(text, "organization_id");
  return [
    {
      method: "get",
      path: "/api/admin/organizations",
      operation: listOrganizationsOperation,
      handlers: [
        operator,
        async (req, res) => {
          const query = validate(organizationListSchema, req.query, "query");
          const rows = await listOrganizations(deps.db, pageOf(query), query);
          const { shown, page } = pageAnswer(query, rows, ({ id }) => id);
          const organizations = shown.map((row) => organizationView(row, deps.rateLimitOfTier));
          sendJson(res, 200, { organizations, ...page });
        },
      ],
    },
    {
      method: "get",
      path,
      operation: getOrganizationOperation,
      handlers: [
        operator,
        async (req, res) => {
          const row = await getOrganization(deps.db, idOf(req.params.organization_id));
          sendJson(res, 200, organizationView(row, deps.rateLimitOfTier));
        },
      ],
    },
    {
      method: "patch",
      path,
      operation: changeOrganizationOperation,
      handlers: [
        operator,
        readBody,
        async (req, res) => {
          const id = idOf(req.params.organization_id);
          const change = validate(changeOrganizationSchema, requireJsonObject(req), "body");
          sendJson(
            res,
            200,
            organizationView(await changeOrganization(deps, id, change), deps.rateLimitOfTier),
          );
        },
      ],
    },
    {
      method: "delete",
      path,
      operation: eraseOrganizationOperation,
      handlers: [
        operator,
        async (req, res) => {
          const id = idOf(req.params.organization_id);
          if ((await eraseOrganization(deps, id)) === "erased") res.status(204).end();
          else {
            const message = "Its keys are gone; a worker erases the rest.";
            sendJson(res, 202, { organization_id: id, status: "erasing", message });
          }
        },
      ],
    },
    {
      method: "post",
      path: `${path}/keys`,
      operation: createAdminKeyOperation,
      handlers: [
        operator,
        readBody,
        async (req, res) => {
          const change = { organizationId: idOf(req.params.organization_id), actor: "operator" };
          const wanted = validate(adminKeySchema, requireJsonObject(req), "body");
          const key = await createKey(deps, change, { ...wanted, scopes: ["admin"] });
          sendJson(res, 201, createdKeyView(key));
        },
      ],
    },
  ];
}
