// `npm run conformance -- --url http://127.0.0.1:3000`: holds a running server against the HTTP contract.
import { writeFile } from "node:fs/promises";
import { type Options, parseOptions, usage } from "./options.ts";
import { lineOf, summaryOf } from "./report.ts";
import { runSections } from "./run-sections.ts";
import { sectionsNamed } from "./sections/all.ts";
import { createWorld } from "./world.ts";

const EX_USAGE = 64;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let options: Options;
  let sections: ReturnType<typeof sectionsNamed>;
  try {
    options = parseOptions(args);
    sections = sectionsNamed(options.only);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return EX_USAGE;
  }
  let current = "";
  const results = await runSections(sections, createWorld(options), (result) => {
    if (result.section !== current) console.log(`\n${result.section}`);
    current = result.section;
    console.log(lineOf(result));
  });
  console.log(`\n${summaryOf(results)}`);
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ url: options.url, results }, null, 2)}\n`);
  }
  return results.some(({ result }) => result === "failed") ? 1 : 0;
}
