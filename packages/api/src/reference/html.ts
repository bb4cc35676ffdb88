import { createHash } from "node:crypto";

/** Escapes a string for HTML. */
export const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Escapes a string for HTML, and converts inline code in backticks. */
export const prose = (text: string): string =>
  escape(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll("\n", "<br>");

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem }
nav ul { columns: 18rem; padding-left: 1rem } h2 { border-bottom: 1px solid var(--line); margin-top: 3rem }
section { margin: 2rem 0 } code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { border: 1px solid var(--line); border-radius: 6px; overflow: auto; padding: .75rem }
table { border-collapse: collapse; width: 100% } td, th { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top }
.method { border: 1px solid var(--line); border-radius: 4px; font: 600 13px ui-monospace, monospace; padding: .1rem .4rem }
details { margin: .4rem 0 } summary { cursor: pointer } .note { opacity: .75 }`;

const HASH = createHash("sha256").update(STYLE).digest("base64");
/** Content security policy of the pages: they have no script and load nothing, so it allows only their style sheet. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The HTML of a self-contained page. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body>${body}</body></html>
`;
}
