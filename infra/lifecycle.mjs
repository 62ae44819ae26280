/**
 * Runs a command that opens things one by one and closes them in the reverse order: at its end, when it fails, and on
 * Ctrl-C, SIGTERM or a closed terminal. Ends the process.
 * @param {(context: {onStop: (close: () => unknown) => void, signal: AbortSignal}) => Promise<number | void>} main
 *   its result is the exit code
 * @param {{interruptedCode?: number}} [options]
 */
export async function runToEnd(main, { interruptedCode = 0 } = {}) {
  const closers = [];
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => interrupted.abort());
  abortWithParent(interrupted);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {}); // the terminal is gone: still stop cleanly

  let code = 0;
  try {
    code = (await main({ onStop: (close) => closers.push(close), signal: interrupted.signal })) ?? 0;
  } catch (error) {
    code = 1;
    if (!interrupted.signal.aborted)
      console.error(`\n${error instanceof UserError ? error.message : error?.stack}`);
  }
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      code = 1;
      console.error(error);
    }
  }
  process.exit(interrupted.signal.aborted ? interruptedCode : code);
}

/** `npm` passes a SIGTERM to the shell between it and us; a shell that does not pass it on just ends. */
function abortWithParent(controller) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && controller.abort(), 500).unref();
}

/** An error that its reader can do something about: printed without a stack. */
export class UserError extends Error {}

/**
 * Resolves when the signal fires.
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
