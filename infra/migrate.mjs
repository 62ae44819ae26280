// `npm run migrate`: DATABASE_URL, or the database of the running `npm run stack` or `npm run dev`.
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { envFile } from "./environment.mjs";
import { UserError, runToEnd } from "./lifecycle.mjs";
import { migrateDatabase } from "./migrate-database.mjs";
import { prepareTools } from "./toolchain.mjs";

await runToEnd(async ({ signal }) => {
  const running = existsSync(envFile) ? parseEnv(readFileSync(envFile, "utf8")) : {};
  const databaseUrl = process.env.DATABASE_URL ?? running.DATABASE_URL;
  if (databaseUrl === undefined)
    throw new UserError("Which database? Set DATABASE_URL, or start one with `npm run stack`.");
  await migrateDatabase(await prepareTools({ signal }), databaseUrl);
  console.log("The database has the newest schema.");
});
