import winston from "winston";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogFields = Record<string, unknown>;

/** A constant sentence plus fields. `error` means that a human must look. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

const secretName = /(secret|password|token|api_?key|authorization|payload|headers)$/i;
const apiKeyText = /trg_live_[0-9A-Za-z]+_[0-9A-Za-z]+/g;
const signingSecretText = /whsec_[0-9A-Za-z+/=]+/g;
const urlPassword = /(\w+:\/\/[^\s:/@]*:)[^\s@/]+@/g;

/** JSON lines on stdout; errors are expanded, secrets and payloads removed by name and by shape. */
export function createLogger(options: {
  level: LogLevel;
  service: string;
  destination?: NodeJS.WritableStream;
}): Logger {
  const line = winston.format((info) => {
    for (const [name, value] of Object.entries(info)) {
      info[name] = secretName.test(name) ? "[redacted]" : printable(value);
    }
    return info;
  });
  const logger = winston.createLogger({
    level: options.level,
    defaultMeta: { service: options.service },
    format: winston.format.combine(line(), winston.format.timestamp(), winston.format.json()),
    // winston declares its transports as interfaces, which hides that they are classes of their own.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    transports: [new winston.transports.Stream({ stream: options.destination ?? process.stdout })],
  });
  // Debug lines stand where each request and delivery passes, and winston takes its time to drop one.
  return options.level === "debug" ? logger : Object.assign(logger, { debug: () => undefined });
}

function printable(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (Error.isError(value)) return depth > 4 ? value.message : expandError(value, depth);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth > 4) return "[nested]";
  if (Array.isArray(value)) return value.map((item) => printable(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secretName.test(name) ? "[redacted]" : printable(item, depth + 1),
    ]),
  );
}

/** winston prints a nested error as `{}`; these are the members that explain one. */
function expandError(error: Error, depth: number): LogFields {
  const { code } = error as NodeJS.ErrnoException;
  return {
    name: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: printable(error.cause, depth + 1) }),
  };
}

function redactText(text: string): string {
  return text
    .replace(apiKeyText, "trg_live_[redacted]")
    .replace(signingSecretText, "whsec_[redacted]")
    .replace(urlPassword, "$1[redacted]@");
}
