import { expect, test } from "@jest/globals";
import { slotOf } from "@triggers/runtime";
import { groupByPart, shardOf, shardPrefixes } from "./shards.ts";

test("one shard has the prefix that there was before there were shards", () => {
  expect(shardPrefixes("triggers", 1)).toEqual(["triggers"]);
});

test.each(["triggers", "a", "eu-west_1"])("four shards of %s lie in four quarters of the slots", (prefix) => {
  const quarters = shardPrefixes(prefix, 4).map((shard) => Math.floor(slotOf(`{${shard}}:events`) / 4_096));
  expect(new Set(quarters)).toEqual(new Set([0, 1, 2, 3]));
});

// Jobs and dedup windows that are in some Redis now are found by these.
test.each([
  ["", 2_166_136_261 % 64],
  ["a", 0xe40c292c % 64],
  ["foobar", 0xbf9cf968 % 64],
])("the shard of %p is for ever the same", (id, shard) => {
  expect(shardOf(id, 64)).toBe(shard);
});

test("every owner has one of the shards, and they are used alike", () => {
  const counts = [0, 0, 0, 0];
  for (let n = 0; n < 4_000; n += 1) {
    const shard = shardOf(`0199f3a2-${n.toString(16).padStart(4, "0")}-7000-8000-00000000000${n % 10}`, 4);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  for (const count of counts) expect(count).toBeGreaterThan(800);
});

test("what is sent to several shards keeps its order in each, and knows its place in the whole", () => {
  const groups = groupByPart(["x", "y", "z"], ["a", "b", "c", "a"], (id) => id);
  const places = groups.flatMap(({ items, indexes }) => items.map((item, n) => [indexes[n], item]));
  expect(places.sort()).toEqual([
    [0, "a"],
    [1, "b"],
    [2, "c"],
    [3, "a"],
  ]);
  expect(groups.find(({ items }) => items.includes("a"))?.indexes).toEqual(expect.arrayContaining([0, 3]));
});
