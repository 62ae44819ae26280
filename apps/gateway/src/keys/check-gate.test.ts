import { describe, expect, test } from "@jest/globals";
import { createCheckGate } from "./check-gate.ts";

const busy = { code: "key_check_busy" };

describe("a gate", () => {
  test("lets no more run, and no more wait, than it should", async () => {
    const gate = createCheckGate({ concurrency: 2, maxWaiting: 3, maxWaitMs: 10_000 });
    const opened = Promise.withResolvers<string>();
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      const result = await opened.promise;
      running -= 1;
      return result;
    };
    const runs = Array.from({ length: 5 }, () => gate.run(task));
    await expect(gate.run(task)).rejects.toMatchObject(busy);
    expect([most, gate.isIdle()]).toEqual([2, false]);
    opened.resolve("done");
    expect(await Promise.all(runs)).toEqual(Array.from({ length: 5 }, () => "done"));
    expect([most, gate.isIdle()]).toEqual([2, true]);
  });

  test("does not begin what has waited too long", async () => {
    const gate = createCheckGate({ concurrency: 1, maxWaiting: 3, maxWaitMs: -1 });
    const opened = Promise.withResolvers<undefined>();
    const first = gate.run(() => opened.promise);
    let begun = 0;
    const late = [1, 2].map(() => gate.run(() => Promise.resolve(++begun)));
    opened.resolve(undefined);
    await first;
    for (const run of late) await expect(run).rejects.toMatchObject(busy);
    expect([begun, gate.isIdle()]).toEqual([0, true]);
  });

  test("goes on after a task that failed", async () => {
    const gate = createCheckGate({ concurrency: 1, maxWaiting: 3, maxWaitMs: 10_000 });
    const runs = [
      gate.run(() => Promise.reject(new Error("its own"))),
      gate.run(() => Promise.resolve("next")),
    ];
    await expect(runs[0]).rejects.toThrow("its own");
    expect(await runs[1]).toBe("next");
  });
});
