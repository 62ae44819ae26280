import { createId, DomainError } from "@triggers/domain";
import type { TestRequests } from "@triggers/queues";
import { attemptAnswer } from "../deliveries/delivery-answers.ts";
import { answerSchema, uuid } from "../http/answer-schema.ts";
import type { Operation } from "../http/operation.ts";
import { requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { idOf, readEndpointBody } from "./endpoint-routes.ts";
import { emptySchema } from "./endpoint-schemas.ts";
import { getEndpoint } from "./require-endpoint.ts";
import type { EndpointDeps } from "./save-endpoint.ts";

/** What a worker may take beyond the endpoint's own timeout. */
const marginMs = 5_000;

const testAnswer = answerSchema({
  endpoint_id: uuid,
  event_id: uuid.description("Of the example, which is not stored."),
  attempt: attemptAnswer,
});

const testOperation: Operation = {
  id: "testEndpoint",
  tag: "Webhooks",
  summary: "Send an example event to an endpoint",
  description:
    "A worker sends an event of the type `webhook.test`, signed like any other, also to a disabled endpoint, and the answer shows the attempt, also a failed one. Nothing is stored. At most three at once.",
  access: "endpoints",
  body: { schema: emptySchema, isRequired: false },
  answers: { 200: { description: "The attempt, successful or not.", schema: testAnswer } },
  problems: ["not_found", "too_many_tests", "queue_unavailable", "worker_unavailable"],
};

export interface TestRouteDeps extends EndpointDeps {
  admit: Admit;
  testRequests: TestRequests;
}

export function endpointTestRoutes(deps: TestRouteDeps): Route[] {
  return [
    {
      method: "post",
      path: "/api/endpoints/:id/test",
      operation: testOperation,
      handlers: [
        deps.admit("endpoints"),
        readEndpointBody,
        async (req, res) => {
          validate(emptySchema, requireJsonObject(req), "body");
          const { organizationId } = principalOf(res);
          const { id: endpointId, timeout_ms } = await getEndpoint(deps.db, organizationId, idOf(req));
          const answer = await deps.testRequests
            .request(createId(), { organizationId, endpointId }, timeout_ms + marginMs)
            .catch((cause: unknown) => {
              throw new DomainError("queue_unavailable", "No worker can be asked right now.", { cause });
            });
          switch (answer.outcome) {
            case "sent": {
              const { event_id, ...attempt } = answer.attempt;
              sendJson(res, 200, { endpoint_id: endpointId, event_id, attempt });
              return;
            }
            case "no_endpoint":
              throw new DomainError("not_found", "There is no such endpoint.");
            case "busy":
              throw new DomainError("too_many_tests", "Three tests are under way; wait for one to end.", {
                headers: { "Retry-After": "1" },
              });
            case "unanswered":
              throw new DomainError("worker_unavailable", "No worker has sent the test in time.");
          }
        },
      ],
    },
  ];
}
