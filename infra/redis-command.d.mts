/** Sends one command, in words without spaces, and returns all that the server says; an answer that is an error throws. */
export function redisCommand(
  server: { port: number; password?: string },
  ...words: (string | number)[]
): Promise<string>;
