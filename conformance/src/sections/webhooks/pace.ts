import { setTimeout as pause } from "node:timers/promises";
import { check } from "../../check.ts";
import { expectEqual, expectTrue } from "../../expect.ts";
import { waitForType, withEndpoint } from "./with-endpoint.ts";

export const paceChecks = [
  check("max_in_flight: never more requests at once", async (world) =>
    withEndpoint(world, { max_in_flight: 2 }, async ({ receiver, publish, type }) => {
      let [inFlight, most] = [0, 0];
      receiver.respondWith((res) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        void pause(100).then(() => {
          inFlight -= 1;
          res.end();
        });
      });
      await Promise.all(Array.from({ length: 12 }, () => publish()));
      await waitForType(receiver, type, 12);
      expectTrue("at most 2 at once", most <= 2, most);
      expectEqual("the webhooks", receiver.received.length, 12);
    }),
  ),
  check("rate_limit_per_second: no more in any second", async (world) =>
    withEndpoint(world, { rate_limit_per_second: 2 }, async ({ receiver, publish, type }) => {
      const arrivedAt: number[] = [];
      receiver.respondWith((res) => {
        arrivedAt.push(performance.now());
        res.end();
      });
      await Promise.all(Array.from({ length: 8 }, () => publish()));
      await waitForType(receiver, type, 8);
      // Two at once and two a second: the eighth is due after 3 s at the earliest. Networks may bunch a little.
      const tookMs = (arrivedAt.at(-1) ?? 0) - (arrivedAt[0] ?? 0);
      expectTrue("2.5 s at least", tookMs >= 2_500, tookMs);
    }),
  ),
];
