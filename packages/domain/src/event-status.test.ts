import { describe, expect, it } from "@jest/globals";
import {
  deliveryStatuses,
  deliveryStatusOf,
  eventStatuses,
  eventStatusOf,
  inboxStatuses,
  singleDeliveryStatuses,
  type DeliveryStatus,
} from "./event-status.ts";

describe("deliveryStatusOf", () => {
  it("is none without deliveries", () => {
    expect(deliveryStatusOf({})).toBe("none");
    expect(deliveryStatusOf({ failed: 0, delivered: 0 })).toBe("none");
  });

  it("is the worst, in the order failed, retrying, pending, skipped, cancelled, delivered", () => {
    const order = ["failed", "retrying", "pending", "skipped", "cancelled", "delivered"] as const;
    expect(singleDeliveryStatuses).toEqual(order);
    order.forEach((worst, index) => {
      // In the opposite order, so that the order of the members cannot be what decides.
      const counts = Object.fromEntries(
        order
          .slice(index)
          .reverse()
          .map((status, place) => [status, place + 1]),
      );
      expect(deliveryStatusOf(counts)).toBe(worst);
    });
  });
});

describe("eventStatusOf", () => {
  const open: Record<DeliveryStatus, string> = {
    none: "pending",
    pending: "pending",
    retrying: "pending",
    delivered: "delivered",
    failed: "failed",
    skipped: "pending",
    cancelled: "pending",
  };

  it.each(deliveryStatuses)("with delivery status %s, the inbox decides first", (delivery) => {
    expect(inboxStatuses.map((inbox) => eventStatusOf(inbox, delivery))).toEqual([
      open[delivery],
      open[delivery],
      "acknowledged",
      "quarantined",
    ]);
  });

  it("knows every status of the contract", () => {
    expect([...eventStatuses].sort()).toEqual([
      "accepted",
      "acknowledged",
      "delivered",
      "failed",
      "pending",
      "quarantined",
    ]);
  });
});
