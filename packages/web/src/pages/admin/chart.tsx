import { number } from "../../texts/index.ts";
import type { Sample } from "./metrics.ts";

interface ChartProps {
  readonly title: string;
  readonly unit: string;
  readonly samples: readonly Sample[];
  /** A counter, shown as its growth per second. */
  readonly rate?: (sample: Sample) => number;
  /** Two counters, shown as the growth of the first for each unit of the second. */
  readonly ratio?: (sample: Sample) => readonly [number, number];
  /** A gauge, shown unchanged. */
  readonly level?: (sample: Sample) => number;
}

const [WIDTH, HEIGHT] = [300, 60];
const BARS = 59;

export function Chart(props: ChartProps) {
  const values = valuesOf(props);
  const most = Math.max(...values, 0);
  const last = values.at(-1) ?? 0;
  const width = WIDTH / BARS;
  const summary = `${props.title}: ${number(last, 2)}${props.unit}`;
  return (
    <section class="card">
      <h2>{props.title}</h2>
      <p>
        {number(last, 2)}
        {props.unit}
      </p>
      <svg class="bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary} preserveAspectRatio="none">
        {values.map((value, index) => {
          const height = most === 0 ? 1 : Math.max(1, (value / most) * HEIGHT);
          return <rect key={index} x={index * width} y={HEIGHT - height} width={width * 0.8} height={height} />;
        })}
      </svg>
    </section>
  );
}

function valuesOf({ samples, rate, ratio, level }: ChartProps): number[] {
  if (level) return samples.map(level);
  return samples.slice(1).map((sample, index) => {
    const before = samples[index];
    if (!before) return 0;
    if (rate) return Math.max(0, rate(sample) - rate(before)) / Math.max((sample.at - before.at) / 1000, 0.001);
    if (!ratio) return 0;
    const [[sum, count], [sumBefore, countBefore]] = [ratio(sample), ratio(before)];
    return count > countBefore ? (sum - sumBefore) / (count - countBefore) : 0;
  });
}
