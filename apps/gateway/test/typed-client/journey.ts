// Key → publish → read, with a client whose types are generated from /openapi.json: `node journey.ts <url>`.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./generated.ts";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:3000";

const stranger = createClient<paths>({ baseUrl });
const generated = await stranger.POST("/api/keys/generate", { body: { organization_name: "Typed" } });
assert(generated.data);

const client = createClient<paths>({ baseUrl, headers: { "X-API-Key": generated.data.api_key } });
const published = await client.POST("/api/events", {
  body: { type: "user.created", payload: { name: "Ada" }, dedup_id: "typed" },
});
// A batch of CloudEvents is answered in another way.
assert(published.data && "id" in published.data);
const { id } = published.data;

const read = await client.GET("/api/events/{id}", { params: { path: { id } } });
assert.equal(read.data?.id, id);
assert.deepEqual(read.data.payload, { name: "Ada" });
assert.deepEqual(read.data.deliveries, []);

const inbox = await client.GET("/api/inbox", { params: { query: { limit: 10 } } });
assert.equal(typeof inbox.data?.end_cursor, "string");

const repeated = await client.POST("/api/events", {
  body: { type: "user.created", payload: {}, dedup_id: "typed" },
});
assert.equal(repeated.error?.code, "duplicate_event");
assert.equal(repeated.error.id, id);
