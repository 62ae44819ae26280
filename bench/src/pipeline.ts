import { callApi, createTestDatabase, type AppProcess, type TestDatabase } from "@triggers/testing";
import type { Target } from "./http-connection.ts";
import { type IngestServer, startDrainWorker, startIngestServer } from "./servers.ts";
import type { Stack } from "./stack.ts";

export type PipelineName = "floor" | "product";

export interface Pipeline {
  gateway: AppProcess;
  worker: AppProcess;
  prefix: string;
  target: Target;
  database: TestDatabase;
  stop(): Promise<void>;
}

/** A server and a worker on an empty Redis and a database of their own; all events go to the endpoint, if there is one. */
export async function startPipeline(
  name: PipelineName,
  stack: Stack,
  endpointUrl: string | undefined,
  productSettings: Record<string, string>,
): Promise<Pipeline> {
  await stack.resetRedis();
  const database = await createTestDatabase();
  const extra = name === "product" ? productSettings : {};
  const { process: gateway, prefix, target } = await startIngestServer(name, stack, database.url, extra);
  const webhook = endpointUrl === undefined || name === "product" ? {} : { WEBHOOK_URL: endpointUrl };
  const worker = await startDrainWorker(name, stack, database.url, { ...extra, ...webhook });
  if (name === "product" && endpointUrl !== undefined)
    await saveEndpoint({ process: gateway, prefix, target }, endpointUrl);
  return {
    ...{ gateway, worker, prefix, target, database },
    async stop() {
      await Promise.all([gateway.stop(), worker.stop()]);
      await database.drop();
    },
  };
}

/** All events of the server's organization go there from now on. */
export async function saveEndpoint({ process, target }: IngestServer, endpointUrl: string): Promise<void> {
  const config = { webhook_url: endpointUrl };
  const saved = await callApi(process.url, "POST", "/api/webhook/config", config, target.headers);
  if (saved.status !== 200) throw new Error(`The endpoint was not saved: ${saved.status} ${saved.text}`);
}
