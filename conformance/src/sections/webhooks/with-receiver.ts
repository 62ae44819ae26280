import { NotApplicable } from "../../not-applicable.ts";
import { expectAnswer } from "../../expect.ts";
import type { Receiver } from "../../receiver.ts";
import type { Organization, World } from "../../world.ts";

export interface Hooked {
  organization: Organization;
  receiver: Receiver;
  signingSecret: string;
  /** Publishes and answers the id. */
  publish: (event?: Record<string, unknown>) => Promise<string>;
  /** The event's deliveries, as `GET /api/events/:id` shows them. */
  deliveriesOf: (id: string) => Promise<Record<string, unknown>[]>;
}

/** Runs with an organization whose webhook leads to a receiver of this suite. */
export async function withReceiver(
  world: World,
  config: Record<string, unknown>,
  run: (hooked: Hooked) => Promise<void>,
): Promise<void> {
  const organization = await world.organization("main");
  const receiver = await world.startReceiver();
  try {
    await organization.call("DELETE", "/api/webhook/config");
    const webhook_url = `${receiver.url}/hooks?a=b`;
    const saved = await organization.call("POST", "/api/webhook/config", { webhook_url, ...config });
    if (saved.body?.code === "webhook_url_refused") {
      throw new NotApplicable(
        `the server refuses ${webhook_url}: give --receiver-host, or allow it by WEBHOOK_ALLOWED_CIDRS`,
      );
    }
    expectAnswer(saved, 200);
    await run({
      ...{ organization, receiver, signingSecret: (saved.body as { signing_secret: string }).signing_secret },
      publish: async (event) => ((await organization.publish(event)).body as { id: string }).id,
      deliveriesOf: async (id) => {
        const { body } = await organization.call("GET", `/api/events/${id}`);
        return (body as { deliveries: Record<string, unknown>[] }).deliveries;
      },
    });
  } finally {
    await organization.call("DELETE", "/api/webhook/config");
    await receiver.close();
  }
}
