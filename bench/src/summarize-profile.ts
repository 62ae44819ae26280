// `node bench/src/summarize-profile.ts <file.cpuprofile> [lines]`: where a process spent its time, by package and by function.
import { readFileSync } from "node:fs";
import { formatTable } from "./table.ts";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

const [file = "", lines = "25"] = process.argv.slice(2);
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
const byPackage = new Map<string, number>();
const byFunction = new Map<string, number>();
let busyUs = 0;
samples.forEach((id, index) => {
  const frame = frames.get(id);
  const us = timeDeltas[index] ?? 0;
  if (!frame || frame.functionName === "(idle)") return;
  busyUs += us;
  const place = placeOf(frame.url);
  const own = `${frame.functionName || "(anonymous)"} ${place}:${frame.lineNumber + 1}`;
  const home = frame.url === "" ? frame.functionName : homeOf(place);
  const group = home.startsWith("(") || frame.url !== "" ? home : "(native)";
  byPackage.set(group, (byPackage.get(group) ?? 0) + us);
  byFunction.set(own, (byFunction.get(own) ?? 0) + us);
});

console.log(`busy for ${(busyUs / 1e6).toFixed(2)} s; self time in % of that\n`);
console.log(formatTable([["package", "%"], ...top(byPackage, Number(lines))]));
console.log(`\n${formatTable([["function", "%"], ...top(byFunction, Number(lines))])}`);

function top(times: Map<string, number>, count: number): string[][] {
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, count);
  return sorted.map(([name, us]) => [name, ((us / busyUs) * 100).toFixed(1)]);
}

/** From the last `node_modules/`, else from the root of the repository. */
function placeOf(url: string): string {
  const afterModules = url.split("node_modules/").at(-1) ?? url;
  return afterModules.replace(new URL("../..", import.meta.url).href, "");
}

function homeOf(place: string): string {
  if (place.startsWith("node:")) return place.split("/").slice(0, 2).join("/");
  const parts = place.split("/");
  return parts.slice(0, place.startsWith("@") || /^(apps|packages)\//.test(place) ? 2 : 1).join("/");
}
