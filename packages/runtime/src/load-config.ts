import { readFileSync } from "node:fs";
import type { CustomValidator, ObjectSchema } from "joi";

/** Of Joi's messages for the rules that settings have, these would show what was set. */
const messages = {
  "string.pattern.base": "{{#label}} must match the pattern {{#regex}}",
  "string.pattern.name": "{{#label}} must match the {{#name}} pattern",
};

type Environment = Record<string, string | undefined>;

/** `EX_CONFIG` of sysexits.h: started with a faulty configuration. */
export const exitCodeOfBadConfig = 78;

/** Names the rules that were broken, one a line, and never a value: settings hold secrets. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads the schema's settings from the environment. `<NAME>_FILE` names a file that holds the value, as container
 * platforms mount secrets.
 * @throws {ConfigError} with all faults together
 */
export function loadConfig<T>(schema: ObjectSchema<T>, environment: Environment): T {
  const faults: string[] = [];
  const given: Environment = {};
  for (const name of settingNames(schema)) {
    // An empty variable means "not set": compose files and CI pass unset ones on as empty.
    if (environment[name]) given[name] = environment[name];
    else {
      const path = environment[`${name}_FILE`];
      if (path) given[name] = readSecretFile(name, path, faults);
    }
  }
  const result = schema.validate(given, { abortEarly: false, errors: { wrap: { label: false } }, messages });
  for (const { message } of result.error?.details ?? []) faults.push(message);
  if (faults.length > 0) throw new ConfigError(faults.join("\n"));
  return result.value as T;
}

/** Prints the faults and ends the process, or returns the settings: the first line of every `main.ts`. */
export function loadConfigOrExit<T>(schema: ObjectSchema<T>, environment: Environment): T {
  try {
    return loadConfig(schema, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(
      `The configuration has faults; .env.example describes every setting.\n${error.message}\n` +
        "To develop: `npm run stack` starts Postgres and Redis and leaves their settings where `turbo dev` finds them.\n",
    );
    process.exit(exitCodeOfBadConfig);
  }
}

export function settingNames(schema: ObjectSchema): string[] {
  return Object.keys((schema.describe() as { keys: object }).keys);
}

function readSecretFile(name: string, path: string, faults: string[]): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    faults.push(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
    return undefined;
  }
}

/** A rule for settings that only their own parser can judge; the parser's message may hold the value, so it is dropped. */
export function usableBy(parse: (setting: string) => unknown, rule: string): CustomValidator<string> {
  return (value, helpers) => {
    try {
      parse(value);
      return value;
    } catch {
      return helpers.message({ custom: `{{#label}} ${rule}` });
    }
  };
}

/** Lists are separated by commas; an empty setting is an empty list. */
export function listOf(setting: string): string[] {
  return setting
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
