import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second. */
const ticksPerSecond = 100;

/** CPU seconds that a process has used, with those of its children when asked for (Postgres has one per connection). */
export function cpuSecondsOf(pid: number, withChildren = false): number {
  const own = read(pid);
  if (!withChildren) return own.cpu;
  const children = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const living = children.map(read).filter(({ parent }) => parent === pid);
  return living.reduce((sum, child) => sum + child.cpu, own.cpu + own.deadChildren);
}

function read(pid: number): { parent: number; cpu: number; deadChildren: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Counted from behind the program's name, which may hold spaces: proc(5), fields 4 and 14 to 17.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const seconds = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / ticksPerSecond;
    return { parent: fields[1] ?? 0, cpu: seconds(11), deadChildren: seconds(13) };
  } catch {
    return { parent: 0, cpu: 0, deadChildren: 0 };
  }
}
