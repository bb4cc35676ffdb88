import type { Chart, Line } from "./charts.ts";

const [WIDTH, HEIGHT] = [400, 90];
const REFRESH_SECONDS = 2;
/**
 * Number of CSS classes for lines. Each line also has a dash pattern of its own, for readers who cannot distinguish
 * the colours.
 */
const LINES = 9;

export const STYLE = `:root{color-scheme:light dark;font:15px/1.4 system-ui,sans-serif}
body{margin:1rem auto;max-width:75rem;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1rem;margin:0}
main{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(22rem,1fr))}
section{border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.5rem;padding:.75rem}
svg{display:block;width:100%;height:6rem;margin:.5rem 0}
polyline{fill:none;stroke-width:2;vector-effect:non-scaling-stroke}
ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem}
.away{border-color:#c4314b;font-weight:600}
${["#1f6feb", "#c4314b", "#8250df", "#1a7f37", "#9a6700", "#0e7490", "#bf3989", "#57606a", "#0a3069"]
  .map(
    (colour, index) =>
      `.l${index}{stroke:${colour};stroke-dasharray:${index === 0 ? "none" : `${9 - index} ${index}`}}li.l${index}::before{content:"\\25CF ";color:${colour}}`,
  )
  .join("\n")}
@media (prefers-color-scheme:dark){polyline{filter:brightness(1.7)}}
`;

/**
 * Content security policy of the page: it allows only the page's own style. The page needs no script, since the
 * browser reloads it every two seconds.
 */
export const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface Place {
  readonly name: string;
  readonly url: string;
  /** The reason why a process did not respond; undefined if it did. */
  readonly problem?: string;
}

export function pageOf(charts: readonly Chart[], places: readonly Place[], minutes: number): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}"><title>Gotong Royong: observe</title><link rel="stylesheet" href="/style.css"></head>
<body><h1>The running stack, the last ${minutes} minutes</h1>
${places.map(placeOf).join("\n")}
<main>
${charts.map(chartOf).join("\n")}
</main></body></html>
`;
}

const placeOf = ({ name, url, problem }: Place) =>
  problem === undefined
    ? `<p>${escape(name)}: ${escape(url)}</p>`
    : `<p class="away" role="alert">${escape(name)} at ${escape(url)} does not answer: ${escape(problem)}</p>`;

function chartOf({ title, unit, lines }: Chart): string {
  const most = Math.max(1e-9, ...lines.flatMap(({ values }) => values.filter((value) => value !== undefined)));
  const latest = lines.map((line) => `${line.name} ${shown(line)}${unit}`);
  return `<section><h2>${escape(title)}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escape(`${title}: ${latest.join(", ")}`)}">
${lines.map((line, index) => pathsOf(line, most, index % LINES)).join("\n")}</svg>
<ul>${lines.map((line, index) => `<li class="l${index % LINES}">${escape(line.name)} <b>${shown(line)}${escape(unit)}</b></li>`).join("")}</ul></section>`;
}

function shown({ values }: Line): string {
  const last = values.at(-1);
  return last === undefined ? "–" : Number.isInteger(last) ? String(last) : last.toFixed(1);
}

/** Returns one SVG stroke for each sequence of values without a gap. */
function pathsOf({ values }: Line, most: number, index: number): string {
  const step = WIDTH / Math.max(1, values.length - 1);
  const runs: string[][] = [[]];
  for (const [position, value] of values.entries()) {
    if (value === undefined) runs.push([]);
    else
      runs.at(-1)?.push(`${(position * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`);
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) => `<polyline class="l${index}" points="${run.join(" ")}"/>`)
    .join("");
}

const escape = (text: string) =>
  text.replaceAll(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);
