import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, without a slash at its end. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Everything that a run leaves behind: tools, databases, logs, secrets. Deleting it starts afresh. */
export const dataDir = join(root, ".data");
