import { DEFINITIONS, type Name } from "./definitions.ts";

/** One metric with one set of labels. */
export interface Series {
  readonly name: Name;
  readonly labels: Readonly<Record<string, string>>;
  /** A counter's or gauge's value, a histogram's sum. */
  value: number;
  count: number;
  readonly buckets: number[];
  /** Since the last flush, on Lambda. */
  pending: number[];
  pendingCount: number;
  /** The highest value of a gauge changed by `shift` since the last flush; the value of one changed by `set`. */
  highest: number;
  isTouched: boolean;
}

/**
 * Prometheus' text format 0.0.4. Metrics without observations have their help text, and the value 0 if they have no
 * labels.
 */
export function toPrometheus(all: readonly Series[]): string {
  const blocks = Object.entries(DEFINITIONS).map(([name, { type, help, labels }]) => {
    const own = all.filter((one) => one.name === name);
    const lines = own.flatMap((one) => (type === "histogram" ? histogram(one) : [line(name, one.labels, one.value)]));
    if (own.length === 0 && labels.length === 0 && type !== "histogram") lines.push(line(name, {}, 0));
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
  });
  return `${blocks.join("\n")}\n`;
}

function histogram({ name, labels, value, count, buckets }: Series): string[] {
  const definition = DEFINITIONS[name];
  const bounds = "buckets" in definition ? definition.buckets : [];
  return [
    ...bounds.map((bound, index) => line(`${name}_bucket`, { ...labels, le: String(bound) }, buckets[index] ?? 0)),
    line(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
    line(`${name}_sum`, labels, value),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

const escape = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/**
 * CloudWatch's embedded metric format: one line for each set of labels, at most 100 metrics in a line. The stage is
 * part of the namespace, since as a dimension it would make further paid metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function toEmf(all: readonly Series[], about: { service: string; stage: string; at: number }): string[] {
  const groups = new Map<string, Series[]>();
  for (const one of all) {
    if (emfValue(one) === undefined) continue;
    const key = JSON.stringify([dimensionSets(one), one.labels]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return JSON.stringify({
      _aws: {
        Timestamp: about.at,
        CloudWatchMetrics: [
          {
            Namespace: `gotong-royong/${about.stage}`,
            Dimensions: dimensionSets(first),
            Metrics: group.map(({ name }) => ({ Name: name, Unit: unitOf(name) })),
          },
        ],
      },
      service: about.service,
      ...first.labels,
      ...Object.fromEntries(group.map((one) => [one.name, emfValue(one)])),
    });
  });
}

/** Each set of dimensions is a metric of its own; the empty set is a metric without dimensions. */
function dimensionSets({ name, labels }: Series): string[][] {
  const own = Object.keys(labels);
  return "isAlarmed" in DEFINITIONS[name] ? [[], own] : [["service", ...own]];
}

function emfValue(one: Series): number | number[] | undefined {
  switch (DEFINITIONS[one.name].type) {
    case "counter":
      return one.pendingCount > 0 ? one.pendingCount : undefined;
    case "gauge":
      return one.isTouched ? one.highest : undefined;
    case "histogram":
      return one.pending.length > 0 ? one.pending : undefined;
  }
}

function unitOf(name: Name): string {
  if (name.endsWith("_bytes")) return "Bytes";
  return DEFINITIONS[name].type === "histogram" ? "Seconds" : "Count";
}
