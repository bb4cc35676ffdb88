import type { Report } from "./report.ts";

const WIDTH = 720;
const LABEL = 140;
const ROW = 26;
const COLOURS = { load: "#2f6f4e", idle: "#9cc5ad", seed: "#b5651d" };

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Draws bars by service as SVG, with the cost when idle in a lighter colour, and the cost of the first design below. */
export function asSvg({ stage, load, usd, services, seed }: Report): string {
  const shown = services.filter((one) => one.usd >= 0.005);
  const longest = Math.max(seed.usd, ...shown.map((one) => one.usd));
  const width = (value: number) => ((value / longest) * (WIDTH - LABEL - 90)).toFixed(1);
  const bar = (row: number, label: string, value: number, floor: number, colour: string) => {
    const y = 50 + row * ROW;
    return [
      `<text x="${LABEL - 8}" y="${y + 14}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${width(value)}" height="18" fill="${colour}"/>`,
      floor > 0 ? `<rect x="${LABEL}" y="${y}" width="${width(floor)}" height="18" fill="${COLOURS.idle}"/>` : "",
      `<text x="${(LABEL + Number(width(value)) + 6).toFixed(1)}" y="${y + 14}">$${value.toFixed(2)}</text>`,
    ].join("");
  };
  const rows = [
    ...shown.map((one, index) => bar(index, one.service, one.usd, one.floorUsd, COLOURS.load)),
    bar(shown.length, "in all", usd, 0, COLOURS.load),
    bar(shown.length + 1, "on Kubernetes", seed.usd, 0, COLOURS.seed),
  ];
  const height = 70 + rows.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13" role="img"><title>${escaped(`${stage}, ${load.name}`)}</title><rect width="${WIDTH}" height="${height}" fill="#fff"/><text x="12" y="26" font-size="16">${escaped(`${stage}, ${load.name}: US dollars a month`)}</text>${rows.join("")}</svg>\n`;
}
