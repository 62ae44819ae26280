import { migrateToLatest } from "./migrator.ts";

const url = process.env.DATABASE_URL;
if (!url) {
  process.stderr.write("DATABASE_URL is required: the Postgres whose schema is to be brought up to date.\n");
  process.exit(78);
}
const applied = await migrateToLatest(url);
process.stdout.write(applied.length > 0 ? `applied ${applied.join(", ")}\n` : "the schema is up to date\n");
