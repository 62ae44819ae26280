import { describe, expect, it } from "@jest/globals";
import { cloudEventBody, type CloudEventInput } from "./cloud-event-body.ts";

const event: CloudEventInput = {
  id: "0193a0c4-9d2b-7e11-8a2b-0123456789ab",
  organizationId: "0193a0c4-0000-7e11-8a2b-0123456789ab",
  type: "user.created",
  timestamp: "2026-11-21T09:30:00.123Z",
  payload: '{"b":9007199254740993, "a":"\\u0000"}',
  cloudevent: null,
};
const attributes = { specversion: "1.0", id: "the-senders", source: "/acme/orders" };
const bodyOf = (more: Partial<CloudEventInput>) => cloudEventBody({ ...event, ...more });
const cameAs = (more: object) => ({ cloudevent: JSON.stringify({ ...attributes, ...more }) });

describe("cloudEventBody", () => {
  it("makes a CloudEvent of any event, with its organization as the source", () => {
    expect(bodyOf({})).toBe(
      `{"specversion":"1.0","id":"${event.id}","source":"urn:uuid:${event.organizationId}",` +
        `"type":"user.created","time":"2026-11-21T09:30:00.123Z","datacontenttype":"application/json","data":${event.payload}}`,
    );
  });

  it("gives back the attributes and extensions that the event came with, under the event's own id", () => {
    const came = {
      ...{ subject: "order 7", time: "2026-01-31T12:00:00.1+01:00", dataschema: "https://acme.test/o.json" },
      ...{
        datacontenttype: "application/vnd.acme+json",
        traceparent: "00-abc-01",
        sequence: 7,
        urgent: false,
      },
    };
    const { data, ...rest } = JSON.parse(bodyOf(cameAs(came))) as Record<string, unknown>;
    expect(rest).toEqual({ ...attributes, ...came, id: event.id, type: event.type });
    expect(data).toEqual(JSON.parse(event.payload));
  });

  it.each(['{"$&":"$1 $$"}', "[1.0 , 2]", '"text"', "null", "1e2"])("carries %s byte for byte", (payload) => {
    expect(bodyOf({ payload })).toContain(`,"data":${payload}}`);
    expect(bodyOf({ payload, ...cameAs({}) })).toContain(`,"data":${payload}}`);
  });

  it("carries bytes as data_base64, and no data where there was none", () => {
    const bytes = { payload: '{"data_base64":"AP8="}', ...cameAs({ data_encoding: "base64" }) };
    expect(JSON.parse(bodyOf(bytes))).toEqual({
      ...attributes,
      ...{ id: event.id, type: event.type, time: event.timestamp, data_base64: "AP8=" },
    });
    const none = bodyOf({ payload: "null", ...cameAs({ data_encoding: "none" }) });
    expect(Object.keys(JSON.parse(none) as object)).not.toContain("data");
    expect(none).not.toContain("data_encoding");
  });

  it("takes a payload that only looks like bytes as what it is", () => {
    const payload = '{"data_base64":"AP8="}';
    expect(JSON.parse(bodyOf({ payload, ...cameAs({}) }))).toMatchObject({ data: { data_base64: "AP8=" } });
  });
});
