import { describe, expect, test } from "@jest/globals";
import type { EndpointFilter } from "@triggers/db";
import { matchEndpoints } from "./match-endpoints.ts";

const endpoint = (id: string, more: Partial<EndpointFilter> = {}): EndpointFilter => ({
  id,
  organizationId: "acme",
  subscriber: null,
  eventTypes: null,
  enabled: true,
  maxInFlight: 10,
  ...more,
});

const namesOf = (event: { type: string; subscriber: string | null }, endpoints: EndpointFilter[]) =>
  matchEndpoints(event, endpoints).map(({ id }) => id);

describe("an event's subscriber", () => {
  const endpoints = [
    endpoint("everyone"),
    endpoint("ada", { subscriber: "ada" }),
    endpoint("bob", { subscriber: "bob" }),
  ];

  test("gets its own endpoints and those without a subscriber", () => {
    expect(namesOf({ type: "a", subscriber: "ada" }, endpoints)).toEqual(["everyone", "ada"]);
  });

  test("that is missing leaves only the endpoints without one", () => {
    expect(namesOf({ type: "a", subscriber: null }, endpoints)).toEqual(["everyone"]);
  });

  test("is compared exactly", () => {
    expect(namesOf({ type: "a", subscriber: "Ada" }, endpoints)).toEqual(["everyone"]);
  });
});

describe("an endpoint's event types", () => {
  const endpoints = [
    endpoint("all"),
    endpoint("exact", { eventTypes: ["user.created"] }),
    endpoint("below", { eventTypes: ["order.*", "user.*"] }),
  ];

  test("name what it gets; without them it gets all", () => {
    expect(namesOf({ type: "user.created", subscriber: null }, endpoints)).toEqual(["all", "exact", "below"]);
    expect(namesOf({ type: "user.created.twice", subscriber: null }, endpoints)).toEqual(["all", "below"]);
    expect(namesOf({ type: "invoice", subscriber: null }, endpoints)).toEqual(["all"]);
  });

  test("and subscriber must both fit", () => {
    const both = [endpoint("both", { subscriber: "ada", eventTypes: ["user.*"] })];
    expect(namesOf({ type: "user.created", subscriber: "ada" }, both)).toEqual(["both"]);
    expect(namesOf({ type: "order.created", subscriber: "ada" }, both)).toEqual([]);
    expect(namesOf({ type: "user.created", subscriber: "bob" }, both)).toEqual([]);
  });
});

test("a disabled endpoint matches too: its events are marked as skipped, not forgotten", () => {
  expect(namesOf({ type: "a", subscriber: null }, [endpoint("off", { enabled: false })])).toEqual(["off"]);
});
