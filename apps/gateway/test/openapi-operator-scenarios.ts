import { insertDeadLetter } from "@triggers/db";
import { createEventId } from "@triggers/domain";
import { call, type Scenario } from "./openapi-world.ts";

/** What the operator meets on routes that need more than an example. */
export const operatorScenarios: Record<string, Record<number, Scenario>> = {
  retryDeadLetter: {
    409: async ({ db, gateway, adminToken, client }) => {
      const eventId = createEventId(Date.now());
      await insertDeadLetter(db, {
        ...{ eventId, organizationId: client.organizationId, job: Buffer.alloc(0) },
        ...{ reason: "erased", errorCode: null, eventType: null },
      });
      const headers = { authorization: `Bearer ${adminToken}` };
      return call(gateway.url, "POST", `/api/admin/dead-letters/${eventId}/retry`, undefined, headers);
    },
  },
};
