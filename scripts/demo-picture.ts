// Draws the demo's output as docs/demo.svg, the picture of the README:
//   npm run --silent demo | node scripts/bootstrap/run.mjs scripts/demo-picture.ts
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "..", "docs", "demo.svg");
const LINE_HEIGHT = 18;
const CHARACTER_WIDTH = 7.23; // width of a character in a monospaced font of 12 px
const PADDING = 16;
const COLOURS = { background: "#0d1117", text: "#c9d1d9", prompt: "#7ee787", time: "#8b949e", status: "#79c0ff" };

/**
 * Pattern of a step. Times, numbers and statuses are in columns of fixed width: see `step()` in
 * packages/local/src/demo.ts.
 */
const STEP = /^( *[\d.]+ s)(  +\d+\. .{52} )(\d{3})(.*)$/;

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const span = (colour: string, text: string) => `<tspan fill="${colour}">${escape(text)}</tspan>`;

function spansOf(line: string): string {
  if (line.startsWith("$ ")) return span(COLOURS.prompt, line);
  const [, time = "", what = "", status = "", rest = ""] = STEP.exec(line) ?? [];
  if (status === "") return escape(line);
  return span(COLOURS.time, time) + escape(what) + span(COLOURS.status, status) + escape(rest);
}

const lines = ["$ npm run demo", ...readFileSync(0, "utf8").trimEnd().split("\n")];
const width = Math.ceil(Math.max(...lines.map(({ length }) => length)) * CHARACTER_WIDTH) + 2 * PADDING;
const height = lines.length * LINE_HEIGHT + 2 * PADDING;
const text = lines.map((line, index) => {
  const y = PADDING + (index + 0.75) * LINE_HEIGHT;
  return `  <text x="${PADDING}" y="${y}" xml:space="preserve">${spansOf(line)}</text>`;
});
writeFileSync(
  FILE,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Output of npm run demo"
  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="12" fill="${COLOURS.text}">
  <rect width="100%" height="100%" rx="8" fill="${COLOURS.background}"/>
${text.join("\n")}
</svg>
`,
);
