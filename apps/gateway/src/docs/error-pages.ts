import { hash } from "node:crypto";
import type { ErrorCode } from "@triggers/domain";
import { type Problem, problems } from "../http/problem-table.ts";
import { escapeHtml, toHtml } from "./html.ts";

const style = `
:root { color-scheme: light dark }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem }
code { font: .92em ui-monospace, monospace }
p { margin: .25rem 0 }
a { color: light-dark(#0b57d0, #8ab4f8) }
ul { list-style: none; padding: 0 }
li { padding: .6rem 0; border-top: 1px solid #8884 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 1rem 0 }
dd { margin: 0 }
`;

/** Nothing but the style above: neither scripts nor anything from elsewhere. */
export const errorPagePolicy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const all = Object.entries(problems).sort(([, a], [, b]) => a.status - b.status);

export function errorListPage(): string {
  const items = all.map(
    ([code, { status, title }]) =>
      `<li><a href="/docs/errors/${code}"><code>${code}</code></a> ${status}<p>${toHtml(title)}.</p></li>`,
  );
  return page(
    "Errors",
    `<h1>Errors</h1><p>Every error is a problem document (RFC 9457, <code>application/problem+json</code>). Programs branch on <code>code</code>, which never changes its meaning; <code>detail</code> is for people.</p><ul>${items.join("")}</ul>`,
  );
}

/** Undefined where there is no such code. */
export function errorPage(code: string): string | undefined {
  return Object.hasOwn(problems, code) ? explain(code, problems[code as ErrorCode]) : undefined;
}

function explain(code: string, { status, title, retryable, cause, cure }: Problem): string {
  return page(
    code,
    `<h1>${toHtml(title)}</h1><dl><dt>Code</dt><dd><code>${escapeHtml(code)}</code></dd><dt>Status</dt><dd>${status}</dd><dt>Retryable</dt><dd>${retryable ? "yes: the same request may succeed later" : "no: the same request fails again"}</dd></dl><h2>Cause</h2><p>${toHtml(cause)}</p><h2>Cure</h2><p>${toHtml(cure)}</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} · Triggers API</title><style>${style}</style></head><body><nav><a href="/docs">Reference</a> · <a href="/docs/errors">Errors</a></nav><main>${body}</main></body></html>`;
}
