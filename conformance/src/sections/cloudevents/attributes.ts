import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectProblem } from "../../expect.ts";
import { text, uuidV7 } from "../../shape.ts";
import {
  batch,
  cloudEvent,
  sendBinary,
  sendStructured,
  showEvent,
  showStored,
  structured,
} from "./cloud-event.ts";

export const attributeChecks = [
  check(
    "structured mode: application/cloudevents+json; type → type, data → payload, time → occurred_at",
    async (world) => {
      const main = await world.organization("main");
      const event = cloudEvent({ time: "2026-01-31T13:00:00+01:00", data: { a: [1] } });
      const answer = await sendStructured(main, event);
      expectAnswer(answer, 202, { id: uuidV7, type: "com.example.made" });
      expectAnswer(await showEvent(main, answer), 200, {
        ...{ type: "com.example.made", payload: { a: [1] }, occurred_at: "2026-01-31T12:00:00.000Z" },
        dedup_id: text,
      });
    },
  ),
  check("binary mode: ce-* headers, percent-encoded", async (world) => {
    const main = await world.organization("main");
    const type = "größer 100%/v2";
    const answer = await sendBinary(main, cloudEvent({ type: encodeURIComponent(type) }), '{"b": 2}');
    expectAnswer(answer, 202, { type });
    expectAnswer(await showEvent(main, answer), 200, { type, payload: { b: 2 } });
  }),
  check("batch mode: application/cloudevents-batch+json", async (world) => {
    const main = await world.organization("main");
    const [first, second] = [cloudEvent({ data: 1 }), cloudEvent({ data: 2 })];
    const answer = await main.call(
      "POST",
      "/api/events",
      [first, second, first, cloudEvent({ type: "" })],
      batch,
    );
    expectAnswer(answer, 202, { accepted: 2, duplicates: 1, rejected: 1 });
  }),
  check("type: any printable", async (world) => {
    const main = await world.organization("main");
    for (const type of ["com.example:thing/v1", "with space", 'Größe 😀 "x"', ".dots."]) {
      expectAnswer(await sendStructured(main, cloudEvent({ type })), 202, { type });
    }
    for (const type of ["", "a\nb", 5]) {
      expectProblem(await sendStructured(main, cloudEvent({ type })), 400, "invalid_request");
    }
  }),
  check(
    "source + id → dedup id: a repeated CloudEvent answers 202 with the first id and duplicate: true",
    async (world) => {
      const main = await world.organization("main");
      const event = cloudEvent({ data: {} });
      const { id } = (await sendStructured(main, event)).body as { id: string };
      expectAnswer(await sendStructured(main, event), 202, { id, duplicate: true });
      expectAnswer(await sendBinary(main, cloudEvent({ id: event.id }), "{}"), 202, { id, duplicate: true });
      const elsewhere = await sendStructured(main, { ...event, source: "/elsewhere" });
      expectAnswer(elsewhere, 202, { id: uuidV7 });
      expectEqual(
        "duplicate from another source",
        (elsewhere.body as { duplicate?: true }).duplicate,
        undefined,
      );
    },
  ),
  check("subject, dataschema and extensions are kept", async (world) => {
    const main = await world.organization("main");
    const kept = {
      subject: "a/b",
      dataschema: "https://example.com/s",
      traceparent: "00-x",
      flag: true,
      number: 7,
    };
    const answer = await sendStructured(main, cloudEvent({ ...kept, data: 1 }));
    expectAnswer(await showStored(main, answer), 200, { cloudevent: { ...kept, source: "/conformance" } });
    const header = await sendBinary(main, cloudEvent({ subject: "a%2Fb", myextension: "x" }), "1");
    expectAnswer(await showStored(main, header), 200, { cloudevent: { subject: "a/b", myextension: "x" } });
  }),
  check("specversion, id, source and type are required, in every mode", async (world) => {
    const main = await world.organization("main");
    for (const name of ["specversion", "id", "source", "type"]) {
      const event = cloudEvent();
      Reflect.deleteProperty(event, name);
      expectProblem(await sendStructured(main, event), 400, "invalid_request");
      expectProblem(await sendBinary(main, event, "{}"), 400, "invalid_request");
    }
    expectProblem(await sendStructured(main, cloudEvent({ specversion: "0.3" })), 400, "invalid_request");
    expectProblem(await main.call("POST", "/api/events", "{", structured), 400, "malformed_json");
  }),
  check("another format of CloudEvents is a 415, one that is too large a 413", async (world) => {
    const main = await world.organization("main");
    const avro = { "content-type": "application/cloudevents+avro" };
    expectProblem(await main.call("POST", "/api/events", "x", avro), 415, "unsupported_media_type");
    const large = cloudEvent({ data: "x".repeat(262_144) });
    expectProblem(await sendStructured(main, large), 413, "payload_too_large");
  }),
];
