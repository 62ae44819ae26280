import { createDatabase, type Database } from "@triggers/db";
import { type ApiAnswer, callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

export const adminToken = "the-token-of-the-operator";

export interface OperatorGateway {
  gateway: TestGateway;
  db: Database;
  /** A request with the operator's token. */
  asOperator(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  stop(): Promise<void>;
}

/** A gateway with an operator, and its database to look into. */
export async function startOperatorGateway(settings: Record<string, string> = {}): Promise<OperatorGateway> {
  const gateway = await startTestGateway({ ADMIN_TOKEN: adminToken, ...settings });
  const url = gateway.settings.DATABASE_URL ?? "";
  const db = createDatabase({
    url,
    applicationName: "test",
    maxConnections: 3,
    onConnectionError: () => undefined,
  });
  return {
    gateway,
    db,
    asOperator: (method, path, body) =>
      callApi(gateway.url, method, `/api/admin${path}`, body, { authorization: `Bearer ${adminToken}` }),
    async stop() {
      await db.destroy();
      await gateway.stop();
    },
  };
}
