import { closeSync, openSync, readSync } from "node:fs";

/**
 * Follows a log of JSON lines and prints those of level warn and error. What is no JSON is printed too: it is Node's
 * own word about a crash.
 * @param {string} name
 * @param {string} file
 * @returns {() => void} ends it, after a last look
 */
export function echoProblems(name, file) {
  const log = openSync(file, "r");
  const chunk = Buffer.alloc(65_536);
  let rest = Buffer.alloc(0);
  const look = () => {
    for (let length; (length = readSync(log, chunk, 0, chunk.length, null)) > 0;) {
      rest = Buffer.concat([rest, chunk.subarray(0, length)]);
      const end = rest.lastIndexOf("\n") + 1;
      for (const line of rest.subarray(0, end).toString().split("\n")) {
        if (isProblem(line)) console.error(`${name}: ${line}`);
      }
      rest = rest.subarray(end);
    }
  };
  const timer = setInterval(look, 300);
  return () => {
    clearInterval(timer);
    look();
    closeSync(log);
  };
}

function isProblem(line) {
  if (line.trim() === "") return false;
  try {
    return ["warn", "error"].includes(JSON.parse(line).level);
  } catch {
    return true;
  }
}
