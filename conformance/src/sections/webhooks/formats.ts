import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectShape, expectTrue } from "../../expect.ts";
import { absent, matching, timestamp } from "../../shape.ts";
import { expectSignedBy } from "./signature.ts";
import { withEndpoint } from "./with-endpoint.ts";

const exactPayload = '{ "z":1.0, "a":12345678901234567890123, "e":"\\u00e9\\/" }';
const format = "cloudevents";
const ce = { "content-type": "application/cloudevents+json" };

export const formatChecks = [
  check("format standard: the payload byte for byte in data, signed", async (world) =>
    withEndpoint(world, { format: "standard" }, async ({ main, type, receiver, created }) => {
      const body = `{"type":"${type}","payload":${exactPayload}}`;
      const { id } = (await main.call("POST", "/api/events", body)).body as { id: string };
      const [webhook] = await receiver.waitFor(1, id);
      expectShape(webhook?.headers["content-type"], matching(/^application\/json\b/), "content-type");
      expectTrue(
        "the payload's bytes",
        webhook?.body.includes(`"data":${exactPayload}`) === true,
        webhook?.body,
      );
      expectSignedBy(webhook, [created.signing_secret]);
    }),
  ),
  check(
    "format cloudevents: a CloudEvent in structured mode, data byte for byte, signed alike",
    async (world) =>
      withEndpoint(world, { format }, async ({ main, type, receiver, created }) => {
        const body = `{"type":"${type}","payload":${exactPayload}}`;
        const { id } = (await main.call("POST", "/api/events", body)).body as { id: string };
        const [webhook] = await receiver.waitFor(1, id);
        const contentType = matching(/^application\/cloudevents\+json\b/);
        expectShape(webhook?.headers["content-type"], contentType, "content-type");
        expectShape(JSON.parse(webhook?.body ?? "{}"), {
          ...{ specversion: "1.0", id, type, source: `urn:uuid:${main.id}`, time: timestamp },
        });
        expectTrue(
          "the payload's bytes",
          webhook?.body.includes(`"data":${exactPayload}`) === true,
          webhook?.body,
        );
        expectShape(webhook?.headers, { "webhook-id": id, "x-event-id": id, "x-event-type": type });
        expectSignedBy(webhook, [created.signing_secret]);
      }),
  ),
  check("subject, dataschema and extensions come back out in cloudevents deliveries", async (world) =>
    withEndpoint(world, { format }, async ({ main, type, receiver }) => {
      const kept = {
        ...{ source: `/shops/${randomUUID()}`, subject: "order 5", dataschema: "https://example.com/schema" },
        ...{ time: "2026-01-31T12:00:00Z", traceparent: "00-abc", partitionkey: "k" },
      };
      const sent = { specversion: "1.0", id: "own-id", type, ...kept, data: { a: 1 } };
      const answer = await main.call("POST", "/api/events", sent, ce);
      expectAnswer(answer, 202);
      const { id } = answer.body as { id: string };
      const [webhook] = await receiver.waitFor(1, id);
      const got = JSON.parse(webhook?.body ?? "{}") as Record<string, unknown>;
      expectShape(got, {
        ...kept,
        time: matching(/^2026-01-31T12:00:00/),
        specversion: "1.0",
        id,
        data: { a: 1 },
      });
    }),
  ),
  check("bytes come back out as data_base64, missing data as none", async (world) =>
    withEndpoint(world, { format }, async ({ main, type, receiver }) => {
      for (const [more, wanted] of [
        [
          { data_base64: "AAEC/w==", datacontenttype: "application/octet-stream" },
          { data_base64: "AAEC/w==" },
        ],
        [{}, { data: absent, data_base64: absent }],
        [{ data: [1, "two"] }, { data_base64: absent }],
      ] as const) {
        const sent = { specversion: "1.0", id: randomUUID(), source: "/conformance", type, ...more };
        const answer = await main.call("POST", "/api/events", sent, ce);
        expectAnswer(answer, 202);
        const [webhook] = await receiver.waitFor(1, (answer.body as { id: string }).id);
        const got = JSON.parse(webhook?.body ?? "{}") as Record<string, unknown>;
        expectShape(got, wanted);
        if ("data" in more) expectEqual("data", got.data, more.data);
      }
    }),
  ),
];
