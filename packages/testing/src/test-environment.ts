/** The databases that `npm test` started for this run. */
export function testEnvironment(): { databaseUrl: string; redisUrl: string } {
  const { TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl } = process.env;
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl };
  throw new Error("Tests need their own databases: run them with `npm test -- <path>`.");
}
