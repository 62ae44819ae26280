// A paced consumer of the inbox: leases, works, extends its lease, acknowledges. API_KEY=… node examples/consumer.mjs
// What it does not acknowledge comes back, so work may happen twice. SIGTERM: it ends the event in hand, releases the rest.
import { setTimeout as pause } from "node:timers/promises";

const { API_URL = "http://127.0.0.1:3000", API_KEY = "", PER_SECOND = 10, LEASE_SECONDS = 60 } = process.env;
const lease_seconds = Number(LEASE_SECONDS);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort()).once("SIGINT", () => stop.abort());

async function call(verb, body, signal) {
  const headers = { "x-api-key": API_KEY, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body), signal };
  const answer = await fetch(`${API_URL}/api/inbox/${verb}`, request);
  if (!answer.ok) throw new Error(`${verb}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Yours to write. When it throws, the event comes back after half a minute, at most MAX_LEASES times. */
const work = async (event) => console.log(event.id, event.type, JSON.stringify(event.payload));

let heart;
while (!stop.signal.aborted) {
  try {
    const { lease_id, events } = await call("lease", { lease_seconds, wait_seconds: 20 }, stop.signal);
    const beat = () => call("extend", { lease_id, lease_seconds }).catch(console.error);
    heart = setInterval(beat, (lease_seconds * 1_000) / 3);
    for (const event of events) {
      const one = { lease_id, event_ids: [event.id] };
      if (stop.signal.aborted) await call("release", one);
      else if (await work(event).then(() => true, console.error)) await call("ack", one);
      else await call("release", { ...one, delay_seconds: 30 });
      await pause(1_000 / PER_SECOND, 0, stop).catch(() => undefined);
    }
  } catch (error) {
    if (!stop.signal.aborted) console.error(error.message); // such as a gateway that restarts
    await pause(1_000, 0, stop).catch(() => undefined);
  } finally {
    clearInterval(heart);
  }
}
