import { parseArgs } from "node:util";

export interface Options {
  /** Without a slash at its end. */
  url: string;
  adminToken: string | undefined;
  /** Numbers or names of sections; all when empty. */
  only: string[];
  /** Where the results are written as JSON. */
  json: string | undefined;
  receiverHost: string;
  /** Also the checks that wait for a minute. */
  isSlow: boolean;
}

export const usage = `conformance --url http://127.0.0.1:3000 [--admin-token TOKEN] [--only 2,inbox] [--slow]
            [--receiver-host 127.0.0.1] [--json results.json]`;

/** Throws an error with a sentence for people. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      url: { type: "string" },
      "admin-token": { type: "string" },
      only: { type: "string", default: "" },
      json: { type: "string" },
      "receiver-host": { type: "string", default: "127.0.0.1" },
      slow: { type: "boolean", default: false },
    },
  });
  if (values.url === undefined) throw new Error("--url is missing.");
  if (!/^https?:\/\//.test(values.url)) throw new Error("--url must begin with http:// or https://.");
  return {
    url: values.url.replace(/\/+$/, ""),
    adminToken: values["admin-token"],
    only: values.only.split(",").flatMap((name) => name.trim() || []),
    json: values.json,
    receiverHost: values["receiver-host"],
    isSlow: values.slow,
  };
}
