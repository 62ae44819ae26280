import { cancelReplay, findReplay, listReplays, type ReplayRow } from "@triggers/db";
import { DomainError, lowestIdAt } from "@triggers/domain";
import type { Response } from "express";
import { pageAnswer, pageOf } from "../http/list-page.ts";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { uuidParam } from "../http/uuid-param.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import {
  cancelReplayOperation,
  getReplayOperation,
  listReplaysOperation,
  replayEndpointOperation,
  retryDeliveriesOperation,
} from "./operations.ts";
import { replayListSchema, replaySchema, retryManySchema } from "./replay-schemas.ts";
import { replayView } from "./replay-view.ts";
import { type ReplayDeps, startReplay } from "./start-replay.ts";

const readBody = createBodyReader(65_536);

export function replayRoutes(deps: ReplayDeps & { admit: Admit }): Route[] {
  const noSuchReplay = () => new DomainError("not_found", "There is no such replay.");
  return [
    {
      method: "post",
      path: "/api/endpoints/:id/replay",
      operation: replayEndpointOperation,
      handlers: [
        deps.admit("endpoints"),
        readBody,
        async (req, res) => {
          const endpointId = uuidParam(req.params.id, "id");
          const wanted = validate(replaySchema, requireJsonObject(req), "body");
          const replay = await startReplay(deps, principalOf(res).organizationId, endpointId, {
            sinceId: lowestIdAt(wanted.since.getTime()),
            untilId: lowestIdAt(wanted.until.getTime()),
            eventTypes: wanted.event_types ?? null,
            only: wanted.only,
          });
          sendStarted(res, replay);
        },
      ],
    },
    {
      method: "post",
      path: "/api/deliveries/retry",
      operation: retryDeliveriesOperation,
      handlers: [
        deps.admit("endpoints"),
        readBody,
        async (req, res) => {
          const wanted = validate(retryManySchema, requireJsonObject(req), "body");
          const { organizationId } = principalOf(res);
          const replay = await startReplay(deps, organizationId, wanted.endpoint_id ?? null, {
            sinceId: wanted.since === undefined ? null : lowestIdAt(wanted.since.getTime()),
            untilId: wanted.until === undefined ? null : lowestIdAt(wanted.until.getTime()),
            eventTypes: null,
            only: "failed",
          });
          sendStarted(res, replay);
        },
      ],
    },
    {
      method: "get",
      path: "/api/replays",
      operation: listReplaysOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const query = validate(replayListSchema, req.query, "query");
          const rows = await listReplays(deps.db, principalOf(res).organizationId, pageOf(query), {
            endpointId: query.endpoint_id,
            status: query.status,
          });
          const { shown, page } = pageAnswer(query, rows, ({ id }) => id);
          sendJson(res, 200, { replays: shown.map(replayView), ...page });
        },
      ],
    },
    {
      method: "get",
      path: "/api/replays/:id",
      operation: getReplayOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const id = uuidParam(req.params.id, "id");
          const replay = await findReplay(deps.db, principalOf(res).organizationId, id);
          if (!replay) throw noSuchReplay();
          sendJson(res, 200, replayView(replay));
        },
      ],
    },
    {
      method: "delete",
      path: "/api/replays/:id",
      operation: cancelReplayOperation,
      handlers: [
        deps.admit("endpoints"),
        async (req, res) => {
          const id = uuidParam(req.params.id, "id");
          if (!(await cancelReplay(deps.db, principalOf(res).organizationId, id))) throw noSuchReplay();
          res.status(204).end();
        },
      ],
    },
  ];
}

function sendStarted(res: Response, replay: ReplayRow): void {
  res.set("Location", `/api/replays/${replay.id}`);
  sendJson(res, 202, replayView(replay));
}
