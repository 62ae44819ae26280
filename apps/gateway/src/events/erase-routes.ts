import type { Route } from "../http/route-table.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { eraseEvent } from "./erase-event.ts";
import type { LookupDeps } from "./find-event.ts";
import { eventIdOf } from "./routes.ts";

export function eraseRoutes(deps: LookupDeps & { admit: Admit }): Route[] {
  return [
    {
      method: "delete",
      path: "/api/events/:id",
      operation: {
        id: "eraseEvent",
        tag: "Events",
        summary: "Erase an event's content",
        description:
          "For requests of data protection. Payload, metadata and the headers and bodies of all receivers' answers are " +
          "erased, open deliveries are cancelled, and the event leaves the inbox, also when it is not persisted yet. " +
          "That there was an event stays: its id, type, `dedup_id`, `subscriber`, times and attempts, with `payload` null " +
          "and `erased_at`. A request to an endpoint that is under way cannot be called back.",
        access: "admin",
        answers: { 204: { description: "Erased, now or before" } },
        problems: ["invalid_request", "not_found", "queue_unavailable", "database_unavailable"],
      },
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
