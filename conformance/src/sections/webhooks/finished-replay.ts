import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual } from "../../expect.ts";
import { count, oneOf, timestamp, uuidV7 } from "../../shape.ts";
import type { Organization } from "../../world.ts";

export interface Replay {
  replay_id: string;
  status: string;
  matched: number;
  enqueued: number;
  skipped: number;
}

/** The replay as it is shown when it runs no more. */
export function untilFinished(organization: Organization, id: string): Promise<Replay> {
  return eventually(async () => {
    const shown = await organization.call("GET", `/api/replays/${id}`);
    expectAnswer(shown, 200, {
      ...{ replay_id: uuidV7, status: oneOf("running", "completed", "cancelled"), created_at: timestamp },
      ...{ matched: count, enqueued: count, skipped: count },
    });
    const replay = shown.body as Replay;
    expectEqual("whether it has ended", replay.status !== "running", true);
    return replay;
  });
}
