import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { terminate } from "./process.mjs";

/**
 * Starts k6/receiver.mjs on a free port of this machine.
 * @param {(close: () => unknown) => void} onStop
 * @returns {Promise<string>} its URL
 */
export async function startLoadReceiver(onStop) {
  const child = spawn(process.execPath, [join(root, "k6/receiver.mjs"), "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onStop(() => terminate(child.pid, "SIGTERM", 5_000));
  const line = await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`k6/receiver.mjs has ended with ${code}.`)));
  });
  return `http://127.0.0.1:${JSON.parse(String(line)).port}`;
}
