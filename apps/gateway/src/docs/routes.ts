import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DomainError } from "@triggers/domain";
import express, { type RequestHandler, type Response } from "express";
import type { Route } from "../http/route-table.ts";
import { sendJsonText } from "../http/send-json.ts";
import { createDocument } from "../openapi/create-document.ts";
import { errorListPage, errorPage, errorPagePolicy } from "./error-pages.ts";
import {
  errorListOperation,
  errorOperation,
  openApiOperation,
  redocOperation,
  referenceOperation,
} from "./operations.ts";
import { referencePage, referencePolicy } from "./reference-page.ts";

/** For whatever a browser loads as a page or a part of one. */
const browserHeaders = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** The documentation of the other routes and of itself, made once. */
export function docsRoutes(otherRoutes: readonly Route[], version: string): Route[] {
  const openApi: RequestHandler = (_req, res) => {
    res.set("Cache-Control", "public, max-age=60");
    sendJsonText(res, 200, text);
  };
  const reference: RequestHandler = (_req, res) => sendPage(res, referencePage, referencePolicy);
  const redoc: RequestHandler = (_req, res) => res.redirect("/docs");
  const errors: RequestHandler = (_req, res) => sendPage(res, errorListPage(), errorPagePolicy);
  const error: RequestHandler = (req, res) => {
    const page = errorPage(String(req.params.code));
    if (page === undefined) throw new DomainError("not_found", "There is no such error code.");
    sendPage(res, page, errorPagePolicy);
  };
  const routes: Route[] = [
    { method: "get", path: "/openapi.json", operation: openApiOperation, handlers: [openApi] },
    { method: "get", path: "/docs", operation: referenceOperation, handlers: [reference] },
    { method: "get", path: "/redoc", operation: redocOperation, handlers: [redoc] },
    { method: "get", path: "/docs/errors", operation: errorListOperation, handlers: [errors] },
    { method: "get", path: "/docs/errors/:code", operation: errorOperation, handlers: [error] },
  ];
  const { document, unsaid } = createDocument([...otherRoutes, ...routes], version);
  if (unsaid.length > 0) throw new Error(`the document cannot say the rules of ${unsaid.join(", ")}`);
  const text = JSON.stringify(document);
  return routes;
}

/** The reference UI's bundle, from this machine. Its version stands in no name, so browsers ask again after an hour. */
export function createReferenceAssets(): RequestHandler {
  const entry = createRequire(import.meta.url).resolve("@scalar/api-reference");
  return express.static(join(dirname(entry), "browser"), {
    maxAge: "1h",
    setHeaders: (res) => {
      for (const [name, value] of Object.entries(browserHeaders)) res.setHeader(name, value);
    },
    index: false,
    redirect: false,
  });
}

function sendPage(res: Response, html: string, policy: string): void {
  res
    .status(200)
    .set({
      "Content-Security-Policy": policy,
      ...browserHeaders,
      "X-Frame-Options": "DENY",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
      "Cache-Control": "public, max-age=60",
    })
    .type("html")
    .set("Content-Length", String(Buffer.byteLength(html)))
    // Not `send`: without an ETag it would take `If-None-Match: *` for a page that the browser has.
    .end(html);
}
