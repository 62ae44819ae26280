import { expect, test } from "@jest/globals";
import { createSharedReads } from "./shared-reads.ts";

function createCountedRead() {
  const reads: PromiseWithResolvers<string>[] = [];
  const read = () => {
    const next = Promise.withResolvers<string>();
    reads.push(next);
    return next.promise;
  };
  return { reads, read };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a thousand who ask at once share one read", async () => {
  const share = createSharedReads();
  const { reads, read } = createCountedRead();
  const asked = Array.from({ length: 1_000 }, () => share("a", read));
  await turn();
  expect(reads).toHaveLength(1);
  reads[0]?.resolve("page");
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["page"]));
});

test("whoever asks while a read is under way gets the next one, and so does everybody else who waits", async () => {
  const share = createSharedReads();
  const { reads, read } = createCountedRead();
  const first = share("a", read);
  await turn();
  const later = [share("a", read), share("a", read)];
  await turn();
  expect(reads).toHaveLength(1);
  reads[0]?.resolve("before");
  expect(await first).toBe("before");
  await turn();
  expect(reads).toHaveLength(2);
  reads[1]?.resolve("after");
  expect(await Promise.all(later)).toEqual(["after", "after"]);
});

test("another key is another read, and a failure is everybody's who shares it and nobody's after", async () => {
  const share = createSharedReads();
  const { reads, read } = createCountedRead();
  const failing = [share("a", read), share("a", read)];
  const other = share("b", read);
  await turn();
  const later = share("a", read);
  reads[0]?.reject(new Error("away"));
  reads[1]?.resolve("b");
  const outcomes = await Promise.allSettled([...failing, other]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  await turn();
  reads[2]?.resolve("back");
  expect(await later).toBe("back");
});
