import { DEFINITIONS, type Name } from "./definitions.ts";

/** One metric with one set of labels. */
export interface Series {
  readonly name: Name;
  readonly labels: Readonly<Record<string, string>>;
  /** The value of a counter or gauge, or the sum of a histogram. */
  value: number;
  count: number;
  readonly buckets: number[];
  /** Changes since the last flush, on Lambda. */
  pendingCount: number;
  pendingSum: number;
  pendingMax: number;
  /**
   * For a gauge changed by `shift`: its highest value since the last flush. For a gauge changed by `set`: its current
   * value.
   */
  highest: number;
  isTouched: boolean;
}

/**
 * All metrics in Prometheus' text format 0.0.4. Metrics without observations have their help text and, unless they have labels, the value 0.
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
 * The alarmed metrics in CloudWatch's embedded metric format, one line per set of labels. Each is reported as a metric of the whole stage and
 * as a metric by label. The stage is part of the namespace, since as a dimension it would create further paid metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function toEmf(all: readonly Series[], about: { service: string; stage: string; at: number }): string[] {
  const moved = all.filter((one) => isAlarmed(one) && one.pendingCount > 0);
  return moved.map(({ name, labels, pendingCount }) =>
    JSON.stringify({
      _aws: {
        Timestamp: about.at,
        CloudWatchMetrics: [
          {
            Namespace: `gotong-royong/${about.stage}`,
            // Each set of dimensions is a separate metric; the empty set is a metric without dimensions.
            Dimensions: [[], Object.keys(labels)],
            Metrics: [{ Name: name, Unit: "Count" }],
          },
        ],
      },
      service: about.service,
      ...labels,
      [name]: pendingCount,
    }),
  );
}

/**
 * All other changes as fields of a log line, for CloudWatch Logs Insights: a custom metric costs $0.30 a month for each set of labels, a field
 * only its bytes. The label is the suffix of the field's name; a histogram has a count, a sum and a maximum.
 */
export function toFields(all: readonly Series[]): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const one of all) {
    if (isAlarmed(one) || "isInRequestLine" in DEFINITIONS[one.name]) continue;
    const name = [one.name, ...Object.values(one.labels).map(fieldName)].join("_");
    const { type } = DEFINITIONS[one.name];
    if (type === "counter" && one.pendingCount > 0) fields[name] = one.pendingCount;
    if (type === "gauge" && one.isTouched) fields[name] = one.highest;
    if (type === "histogram" && one.pendingCount > 0) {
      fields[`${name}_count`] = one.pendingCount;
      fields[`${name}_sum`] = rounded(one.pendingSum);
      fields[`${name}_max`] = rounded(one.pendingMax);
    }
  }
  return fields;
}

const isAlarmed = ({ name }: Series) => "isAlarmed" in DEFINITIONS[name];
const fieldName = (label: string) => label.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
/** Rounds to 0.1 ms, since more digits only cost bytes. */
const rounded = (value: number) => Math.round(value * 10_000) / 10_000;
