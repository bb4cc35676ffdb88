import { PRODUCTION_SIZES, sizesText } from "./sizes.ts";
import type { Size } from "./stage-name.ts";
import { STAGES } from "./stages.ts";

type Shape = (typeof STAGES)["personal"];
const sized = (size: Size): Shape => ({ ...STAGES.production, ...PRODUCTION_SIZES[size].shape });
const COLUMNS: readonly [title: string, shape: Shape][] = [
  ["personal", STAGES.personal],
  ["dev", STAGES.dev],
  ["preview", STAGES.preview],
  ["staging", STAGES.staging],
  ["production, small", sized("small")],
  ["medium", sized("medium")],
  ["large", sized("large")],
  ["tenant", STAGES.tenant],
];

const cache = ({ cache: shape }: Shape) => (shape.kind === "nodes" ? `${shape.nodeType} × ${shape.nodes}` : shape.kind);
const database = ({ database: shape }: Shape) =>
  `${shape.minAcu}–${shape.maxAcu} ACU${shape.pauseAfterMinutes ? `, pause ${shape.pauseAfterMinutes} min` : ""}${shape.readers ? `, ${shape.readers} reader` : ""}`;

const ROWS: readonly [title: string, cell: (shape: Shape) => string][] = [
  ["zones", (shape) => String(shape.zones)],
  ["egress", (shape) => shape.egress],
  ["network", (shape) => (shape.isGuest ? "dev's" : "own")],
  ["bastion", (shape) => yesNo(shape.hasBastion)],
  ["database", database],
  ["backups", (shape) => `${shape.database.backupDays} d`],
  ["cache", cache],
  ["api memory", (shape) => `${shape.api.memoryMb} MB`],
  ["canary", (shape) => yesNo(shape.api.hasCanary)],
  ["api at once", (shape) => String(shape.api.reservedConcurrency)],
  ["deliveries at once", (shape) => String(shape.workerConcurrency.deliveries)],
  ["triggers", (shape) => (shape.hasFewTriggers ? "few" : "all")],
  ["waf", (shape) => shape.waf],
  ["logs", (shape) => shape.logRetention],
  ["traced", (shape) => `${shape.tracedPercent} %`],
  ["alarms", (shape) => shape.alarms],
  ["budget", (shape) => (shape.monthlyBudgetUsd ? `$${shape.monthlyBudgetUsd}` : "–")],
  ["object lock", (shape) => yesNo(shape.hasObjectLock)],
  ["removal", (shape) => shape.removal],
  ["protected", (shape) => yesNo(shape.isProtected)],
];

const yesNo = (value: boolean) => (value ? "yes" : "no");

/** Formats the table of stages as aligned text, one row for each property. */
export function stagesTable(): string {
  const lines = [
    ["", ...COLUMNS.map(([title]) => title)],
    ...ROWS.map(([title, cell]) => [title, ...COLUMNS.map(([, shape]) => cell(shape))]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

if (import.meta.main) process.stdout.write(`${stagesTable()}\n\n${sizesText()}\n`);
