/** A generator of numbers from 0 to 1 that repeats itself for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const names = [
  "payload",
  "type",
  "a",
  "b",
  "",
  "dedup_id",
  "constructor",
  "é",
  "~/",
  '"',
  "\\",
  "{",
  "1e400",
];
const numbers = [
  "0",
  "-0",
  "7",
  "-12.5",
  "1e5",
  "1E+2",
  "9007199254740993",
  "123456789012345678901234567890",
];
const extremes = [
  "1e308",
  "1e-400",
  "9".repeat(308),
  "1e400",
  "-2E308",
  "9".repeat(310),
  `0.${"1".repeat(400)}`,
];
const pieces = [
  '\\"',
  "\\\\",
  "\\/",
  "\\n",
  "\\u0000",
  "\\ud800",
  "\\ud83d\\ude00",
  "😀",
  "ü",
  "{",
  "]",
  ",",
  ":",
  " ",
];
const words = ["true", "false", "null"];

/** Random JSON text of an object, with everything that a hasty scanner stumbles over. */
export function randomJsonObject(random: () => number): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? "";
  const some = (most: number) => Array.from({ length: Math.floor(random() * (most + 1)) });
  const space = () =>
    random() < 0.7
      ? ""
      : some(3)
          .map(() => pick([" ", "\n", "\t", "\r"]))
          .join("");
  const escaped = (text: string) => text.split("").map(escapeUnit).join("");
  const name = () => {
    const text = pick(names);
    return random() < 0.7 ? JSON.stringify(text) : `"${escaped(text)}"`;
  };
  const string = () =>
    `"${some(random() < 0.1 ? 60 : 6)
      .map(() => pick([...pieces, "plain text", "x"]))
      .join("")}"`;
  const value = (depth: number): string => {
    const kind = random();
    if (depth > 0 && kind < 0.2) return object(depth - 1);
    if (depth > 0 && kind < 0.35)
      return `[${some(4)
        .map(() => padded(value(depth - 1)))
        .join(",")}${space()}]`;
    if (kind < 0.6) return string();
    return pick(kind < 0.8 ? numbers : kind < 0.97 ? words : extremes);
  };
  const padded = (text: string) => space() + text + space();
  const object = (depth: number): string =>
    `{${some(5)
      .map(() => `${padded(name())}:${padded(value(depth))}`)
      .join(",")}${space()}}`;
  return padded(object(5));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * The same text with every name written as `k` and the hexadecimal digits of its UTF-16: what JSON.parse makes of it can
 * be trusted, since no name is escaped (nodejs/node#63785).
 */
export function withPlainNames(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")(\s*:)?/gs, (all, string: string, colon?: string) =>
    colon === undefined ? all : `"${plainName(JSON.parse(string) as string)}"${colon}`,
  );
}

export function plainName(name: string): string {
  return `k${Buffer.from(name, "utf16le").toString("hex")}`;
}
