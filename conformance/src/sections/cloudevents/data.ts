import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectTrue } from "../../expect.ts";
import { cloudEvent, sendBinary, sendStructured, showStored } from "./cloud-event.ts";

const bytes = Buffer.from([0, 1, 2, 250, 255]);

export const dataChecks = [
  check("data: any JSON value → payload, in both modes", async (world) => {
    const main = await world.organization("main");
    for (const data of [{ a: 1 }, [1, "2"], "text", 5, true, null]) {
      const structured = await showStored(main, await sendStructured(main, cloudEvent({ data })));
      expectEqual("the payload", (structured.body as { payload: unknown }).payload, data);
      const binary = await showStored(main, await sendBinary(main, cloudEvent(), JSON.stringify(data)));
      expectEqual("the payload in binary mode", (binary.body as { payload: unknown }).payload, data);
    }
  }),
  check("data is kept as the bytes that were sent", async (world) => {
    const main = await world.organization("main");
    const data = '[ 1.0,{"b":9007199254740993, "a":"\\u0041"} , 1e2]';
    const text = `{"data" : ${data}, ${JSON.stringify(cloudEvent()).slice(1)}`;
    for (const answer of [await sendStructured(main, text), await sendBinary(main, cloudEvent(), data)]) {
      const shown = await showStored(main, answer);
      expectTrue(`the bytes ${data}`, shown.text.includes(`"payload":${data}`), shown.text);
    }
  }),
  check("data may be missing", async (world) => {
    const main = await world.organization("main");
    for (const answer of [await sendStructured(main, cloudEvent()), await sendBinary(main, cloudEvent())]) {
      expectAnswer(answer, 202);
      expectAnswer(await showStored(main, answer), 200, { payload: null });
    }
  }),
  check("other content types as a string with data_content_type", async (world) => {
    const main = await world.organization("main");
    const xml = "<a>ü</a>";
    for (const type of ["text/plain", "application/xml", "text/csv; charset=utf-8"]) {
      const binary = await sendBinary(main, cloudEvent(), xml, type);
      expectAnswer(await showStored(main, binary), 200, { payload: xml, data_content_type: type });
      const structured = await sendStructured(main, cloudEvent({ datacontenttype: type, data: xml }));
      expectAnswer(await showStored(main, structured), 200, { payload: xml, data_content_type: type });
    }
  }),
  check("bytes as data_base64", async (world) => {
    const main = await world.organization("main");
    const data_base64 = bytes.toString("base64");
    const binary = await sendBinary(main, cloudEvent(), bytes, "application/octet-stream");
    const structured = await sendStructured(main, cloudEvent({ data_base64 }));
    for (const answer of [binary, structured]) {
      expectAnswer(await showStored(main, answer), 200, { payload: { data_base64 } });
    }
  }),
];
