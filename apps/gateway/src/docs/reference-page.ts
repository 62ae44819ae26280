import { hash } from "node:crypto";

/** Everything that would leave the machine is off: fonts, telemetry, assistants. The policy below makes sure of it. */
const start = `Scalar.createApiReference("#reference", ${JSON.stringify({
  url: "/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  persistAuth: false,
})});`;

export const referencePage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Triggers API</title><link rel="icon" href="data:,"></head><body><div id="reference"></div><noscript><p>The reference needs JavaScript. The same is in <a href="/openapi.json">/openapi.json</a>; errors are explained at <a href="/docs/errors">/docs/errors</a>.</p></noscript><script src="/docs/assets/standalone.js"></script><script>${start}</script></body></html>`;

/** Scripts are ours alone and requests go nowhere but here. The reference UI writes its styles into the page. */
export const referencePolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${hash("sha256", start, "base64")}'`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
