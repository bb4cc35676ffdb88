import type { Capacity } from "./simulate.ts";

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 60;
const BOTTOM = 40;
const COLOURS = ["#2f6f4e", "#b5651d", "#35548a", "#8a3563", "#6b6b2d", "#555555"];
/** Upper limit of the chart. A resource with a use above 1 is overloaded. */
const MOST = 100;
const LEAST = 0.0001;

/**
 * Draws the use of each resource in the busiest minute, by number of users; both axes are logarithmic. A resource
 * above the line at 1 is overloaded.
 */
export function capacityChart(rows: readonly Capacity[]): string {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (!first || !last) return "";
  const span = Math.max(1, Math.log10(last.users) - Math.log10(first.users));
  const x = (users: number) => LEFT + ((Math.log10(users) - Math.log10(first.users)) / span) * (WIDTH - LEFT - 210);
  const height = Math.log10(MOST / LEAST);
  const y = (share: number) =>
    10 + ((Math.log10(MOST) - Math.log10(Math.min(MOST, Math.max(LEAST, share)))) / height) * (HEIGHT - BOTTOM - 10);
  const names = first.uses.map(({ what }) => what).toSorted();
  const lines = names.map((what, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const points = rows.map((row) => {
      const share = row.uses.find((use) => use.what === what)?.share ?? 0;
      return `${x(row.users).toFixed(1)},${y(share).toFixed(1)}`;
    });
    const label = `<text x="${WIDTH - 205}" y="${30 + index * 18}" fill="${colour}">${what}</text>`;
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.join(" ")}"/>${label}`;
  });
  const ticks = rows.map(
    ({ users }) =>
      `<text x="${x(users).toFixed(1)}" y="${HEIGHT - 18}" text-anchor="middle">${users.toLocaleString("en", { notation: "compact" })}</text>`,
  );
  const limit = `<line x1="${LEFT}" x2="${WIDTH - 210}" y1="${y(1).toFixed(1)}" y2="${y(1).toFixed(1)}" stroke="#c00" stroke-dasharray="4"/><text x="${LEFT - 6}" y="${(y(1) + 4).toFixed(1)}" text-anchor="end">100 %</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" role="img"><title>${first.shape}: what is used how far, by users</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${limit}${lines.join("")}${ticks.join("")}</svg>\n`;
}
