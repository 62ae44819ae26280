export { type ApiAnswer, type ApiClient, callApi, createApiClient } from "./api-client.ts";
export { type EventStream, openEventStream, type StreamedEvent } from "./event-stream.ts";
export { eventually } from "./eventually.ts";
export { type ReceivedWebhook, type Receiver, type Respond, startReceiver } from "./receiver.ts";
export { runSql } from "./run-sql.ts";
export { type AppProcess, startApp } from "./start-app.ts";
export { createTestDatabase, type TestDatabase } from "./test-database.ts";
export { testEnvironment } from "./test-environment.ts";
export { createTestPrefix } from "./test-prefix.ts";
