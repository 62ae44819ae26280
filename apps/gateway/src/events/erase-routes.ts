import type { Route } from "../http/route-table.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { eraseEvent } from "./erase-event.ts";
import type { LookupDeps } from "./find-event.ts";
import { eraseEventOperation } from "./operations.ts";
import { eventIdOf } from "./routes.ts";

export function eraseRoutes(deps: LookupDeps & { admit: Admit }): Route[] {
  return [
    {
      method: "delete",
      path: "/api/events/:id",
      operation: eraseEventOperation,
      handlers: [
        deps.admit("admin"),
        async (req, res) => {
          await eraseEvent(deps, principalOf(res).organizationId, eventIdOf(req.params.id));
          res.status(204).end();
        },
      ],
    },
  ];
}
