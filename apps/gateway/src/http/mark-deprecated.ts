import type { RequestHandler } from "express";

const since = new Date("2026-11-21T00:00:00Z");
/** Clients of the seed systems have until then at least. Nothing of version 1 is taken away before `/api/v2` is there. */
const keptUntil = new Date("2028-12-01T00:00:00Z");

/** What each answer of a deprecated route carries: RFC 9745 §2 and RFC 8594 §3. */
export const deprecationHeaders = {
  Deprecation: "Since when the route is deprecated: `@` and seconds since 1970.",
  Sunset: "Until when the route is kept at least.",
};

export const markDeprecated: RequestHandler = (_req, res, next) => {
  res.set("Deprecation", `@${since.getTime() / 1_000}`);
  res.set("Sunset", keptUntil.toUTCString());
  next();
};
