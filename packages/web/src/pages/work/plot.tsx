import type { Evidence } from "@gotong/client";
import { duration, number, t } from "../../texts/index.ts";
import { timeOf } from "./time-of.ts";

const SIZE = 220;
const MIDDLE = SIZE / 2;
const METERS_PER_DEGREE = 111_320;

interface Point {
  readonly id: string;
  readonly at: number;
  readonly x: number;
  readonly y: number;
}

/** Plots the readings of a contribution: places in metres from the first reading, times on a line. */
export function Plot({ pieces }: { pieces: readonly Evidence[] }) {
  const points = pointsOf(pieces);
  if (pieces.length < 2) return null;
  const reach = Math.max(10, ...points.map(({ x, y }) => Math.hypot(x, y)));
  const times = pieces.map(timeOf);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const minutes = (last - first) / 60_000;
  if (minutes < 1 && points.length < 2) return null;
  const scale = (MIDDLE - 24) / reach;
  const left = (time: number) => 16 + ((time - first) / Math.max(last - first, 1)) * (SIZE - 32);
  const summary = t("plot_summary", { meters: number(points.length > 1 ? reach : 0, 0), duration: duration(minutes) });
  return (
    <figure class="card">
      <figcaption>{summary}</figcaption>
      <svg class="plot" viewBox={`0 0 ${SIZE} ${points.length > 1 ? SIZE + 40 : 40}`} role="img" aria-label={summary}>
        {points.length > 1 && (
          <>
            <circle class="ring" cx={MIDDLE} cy={MIDDLE} r={MIDDLE - 24} />
            <text x={MIDDLE} y={SIZE - 8} text-anchor="middle">
              {`${number(reach, 0)} m`}
            </text>
            {points.map(({ id, x, y }) => (
              <circle
                key={id}
                class={Math.hypot(x, y) > 1000 ? "dot far" : "dot"}
                cx={MIDDLE + x * scale}
                cy={MIDDLE - y * scale}
                r="6"
              />
            ))}
          </>
        )}
        <line
          class="ring"
          x1="16"
          x2={SIZE - 16}
          y1={(points.length > 1 ? SIZE : 0) + 20}
          y2={(points.length > 1 ? SIZE : 0) + 20}
        />
        {pieces.map((one, index) => (
          <circle
            key={one.id}
            class="dot"
            cx={left(times[index] ?? first)}
            cy={(points.length > 1 ? SIZE : 0) + 20}
            r="5"
          />
        ))}
      </svg>
    </figure>
  );
}

/** Metres east and north of the first reading. */
function pointsOf(pieces: readonly Evidence[]): readonly Point[] {
  const located = pieces.flatMap((one) => {
    // Uses the EXIF place of a picture without a location of its own.
    const location = one.details?.location ?? one.details?.file?.location;
    return location ? [{ one, location }] : [];
  });
  const origin = located[0]?.location;
  if (!origin) return [];
  return located.map(({ one, location }) => ({
    id: one.id,
    at: new Date(one.timestamp).getTime(),
    x: (location.lon - origin.lon) * METERS_PER_DEGREE * Math.cos((origin.lat * Math.PI) / 180),
    y: (location.lat - origin.lat) * METERS_PER_DEGREE,
  }));
}
