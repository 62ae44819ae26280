import pg from "pg";

/** Statements one after the other on one connection; returns the rows of the last. For what no function of ours does. */
export async function runSql<Row>(url: string, ...statements: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) ({ rows } = await client.query<Row & pg.QueryResultRow>(statement));
    return rows;
  } finally {
    await client.end();
  }
}
