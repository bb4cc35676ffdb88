import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Pairs, type Ratios, median, ratiosOf } from "./paired.ts";
import type { Slice } from "./slice.ts";

const FOLDER = join(import.meta.dirname, "..", "..", ".local", "bench");

/** Prints a table of all comparisons, and writes them as JSON and as a chart to `.local/bench/`. */
export function report(all: readonly Pairs[], notes: readonly string[]): void {
  const ratios = all.map(ratiosOf);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const head = ["ours against", "pairs", "a second", "ratio", "CPU ms", "ratio", "p95 ms", "p99 ms", "errors", "MB"];
  let text = line(head) + line(head.map(() => "---"));
  for (const [index, pairs] of all.entries()) text += line(cellsOf(pairs, ratios[index]));
  for (const note of notes) text += `${note}\n`;
  process.stdout.write(text);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "result.json"), `${JSON.stringify({ ratios, notes, slices: all }, undefined, 2)}\n`);
  writeFileSync(join(FOLDER, "result.svg"), chart(ratios));
}

function cellsOf({ name, ours, peer }: Pairs, ratios: Ratios | undefined): string[] {
  const shown = (value: number, digits: number) => (Number.isNaN(value) ? "–" : value.toFixed(digits));
  const both = (value: (slice: Slice) => number, digits: number) =>
    `${shown(median(ours.map(value)), digits)} : ${shown(median(peer.map(value)), digits)}`;
  return [
    name,
    String(ours.length),
    both((slice) => slice.requestsPerSecond, 0),
    shown(ratios?.requestsPerSecond ?? Number.NaN, 2),
    both((slice) => slice.cpuMs, 2),
    shown(ratios?.cpu ?? Number.NaN, 2),
    both((slice) => slice.p95Ms, 0),
    both((slice) => slice.p99Ms, 0),
    String(ratios?.errors ?? 0),
    both((slice) => slice.residentMegabytes, 0),
  ];
}

const [ROW, LEFT, WIDTH] = [28, 330, 420];

/** Draws the ratios of requests per second as bars; the line is where both sides are equal. */
function chart(ratios: readonly Ratios[]): string {
  const most = Math.max(1.5, ...ratios.map((each) => each.requestsPerSecond));
  const x = (ratio: number) => LEFT + (ratio / most) * WIDTH;
  const rows = ratios.map(({ name, requestsPerSecond: ratio }, index) => {
    const y = 10 + index * ROW;
    return `<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${escape(name)}</text><rect x="${LEFT}" y="${y}" width="${(x(ratio) - LEFT).toFixed(1)}" height="20" fill="#2a7"/><text x="${(x(ratio) + 6).toFixed(1)}" y="${y + 15}">${ratio.toFixed(2)}</text>`;
  });
  const height = 20 + ratios.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 60}" height="${height}" font-family="sans-serif" font-size="13">${rows.join("")}<line x1="${x(1)}" x2="${x(1)}" y1="0" y2="${height}" stroke="#333" stroke-dasharray="4"/></svg>\n`;
}

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
