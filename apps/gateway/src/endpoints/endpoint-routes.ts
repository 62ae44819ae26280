import { deleteEndpoint, type EndpointChange, listEndpoints } from "@triggers/db";
import type { Request, Response } from "express";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { uuidParam } from "../http/uuid-param.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { pageAnswer, pageOf } from "../http/list-page.ts";
import type { ReplayDeps } from "../replays/start-replay.ts";
import { enableEndpoint } from "./enable-endpoint.ts";
import * as operations from "./endpoint-operations.ts";
import {
  emptySchema,
  enableSchema,
  endpointChangeSchema,
  endpointListSchema,
  newEndpointSchema,
} from "./endpoint-schemas.ts";
import { endpointView } from "./endpoint-view.ts";
import { getEndpoint, requireOk } from "./require-endpoint.ts";
import { addEndpoint, changeEndpoint, type EndpointDeps } from "./save-endpoint.ts";

const path = "/api/endpoints";
export const readEndpointBody = createBodyReader(262_144);

/** Who changes the endpoints of which organization. */
export function changeOf(res: Response): EndpointChange {
  const { organizationId, keyId } = principalOf(res);
  return { organizationId, actor: keyId };
}

export function idOf(req: Request): string {
  return uuidParam(req.params.id, "id");
}

export function endpointRoutes(deps: EndpointDeps & ReplayDeps & { admit: Admit }): Route[] {
  const { secretBox, db } = deps;
  return [
    {
      method: "post",
      path,
      operation: operations.createEndpointOperation,
      handlers: [
        deps.admit("endpoints"),
        readEndpointBody,
        async (req, res) => {
          const body = validate(newEndpointSchema, requireJsonObject(req), "body");
          const { endpoint, signingSecret } = await addEndpoint(deps, changeOf(res), body);
          res.location(`${path}/${endpoint.id}`);
          sendJson(res, 201, { ...endpointView(secretBox, endpoint), signing_secret: signingSecret });
        },
      ],
    },
    {
      method: "get",
      path,
      operation: operations.listEndpointsOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const query = validate(endpointListSchema, req.query, "query");
          const rows = await listEndpoints(db, principalOf(res).organizationId, pageOf(query), query);
          const { shown, page } = pageAnswer(query, rows, ({ id }) => id);
          sendJson(res, 200, { endpoints: shown.map((row) => endpointView(secretBox, row)), ...page });
        },
      ],
    },
    {
      method: "get",
      path: `${path}/:id`,
      operation: operations.getEndpointOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const endpoint = await getEndpoint(db, principalOf(res).organizationId, idOf(req));
          sendJson(res, 200, endpointView(secretBox, endpoint));
        },
      ],
    },
    {
      method: "patch",
      path: `${path}/:id`,
      operation: operations.changeEndpointOperation,
      handlers: [
        deps.admit("endpoints"),
        readEndpointBody,
        async (req, res) => {
          const body = validate(endpointChangeSchema, requireJsonObject(req), "body");
          const endpoint = await changeEndpoint(deps, changeOf(res), idOf(req), body);
          sendJson(res, 200, endpointView(secretBox, endpoint));
        },
      ],
    },
    {
      method: "delete",
      path: `${path}/:id`,
      operation: operations.deleteEndpointOperation,
      handlers: [
        deps.admit("endpoints"),
        async (req, res) => {
          requireOk(await deleteEndpoint(db, changeOf(res), idOf(req)));
          res.status(204).end();
        },
      ],
    },
    {
      method: "post",
      path: `${path}/:id/disable`,
      operation: operations.disableEndpointOperation,
      handlers: [
        deps.admit("endpoints"),
        readEndpointBody,
        async (req, res) => {
          validate(emptySchema, requireJsonObject(req), "body");
          const endpoint = await changeEndpoint(deps, changeOf(res), idOf(req), { enabled: false });
          sendJson(res, 200, endpointView(secretBox, endpoint));
        },
      ],
    },
    {
      method: "post",
      path: `${path}/:id/enable`,
      operation: operations.enableEndpointOperation,
      handlers: [
        deps.admit("endpoints"),
        readEndpointBody,
        async (req, res) => {
          const { replay } = validate(enableSchema, requireJsonObject(req), "body");
          const enabled = await enableEndpoint(deps, changeOf(res), idOf(req), replay);
          const view = endpointView(secretBox, enabled.endpoint);
          sendJson(res, 200, { ...view, ...(enabled.replayId ? { replay_id: enabled.replayId } : {}) });
        },
      ],
    },
  ];
}
