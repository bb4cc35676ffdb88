import { type Bill, billOf, byService, idleBillOf } from "./bill.ts";
import type { Line, Resource } from "./line.ts";
import { PRICES } from "./prices.ts";
import type { LoadProfile } from "./profile.ts";
import { STATED_USD, seedLines } from "./seed.ts";

/** The monthly costs of a stage under a load, with their explanation, in US dollars. */
export interface Report {
  readonly stage: string;
  readonly load: LoadProfile;
  readonly usd: number;
  /** The monthly cost of the stage when idle. */
  readonly floorUsd: number;
  readonly services: readonly { readonly service: string; readonly usd: number; readonly floorUsd: number }[];
  readonly lines: readonly Line[];
  readonly observability: { readonly metricsUsd: number; readonly logsUsd: number; readonly tracesUsd: number };
  /** The cost of the first design, on Kubernetes. */
  readonly seed: { readonly usd: number; readonly statedUsd: number | null; readonly lines: readonly Line[] };
}

const METRICS: readonly string[] = ["customMetric", "alarmMetric", "dashboard"];
const LOGS: readonly string[] = ["logIngestion", "logStorage"];

/** Computes a report. @throws Error with a resource that has no price */
export function reportOf(stage: string, resources: readonly Resource[], load: LoadProfile): Report {
  const bill = billOf(resources, load);
  const floor = idleBillOf(resources);
  const floors = new Map(byService(floor).map(({ service, usd }) => [service, usd]));
  const of = (prices: readonly string[]) => sum(bill, (line) => prices.includes(line.price));
  const lines = seedLines(load.users);
  return {
    stage,
    load,
    usd: bill.usd,
    floorUsd: floor.usd,
    services: byService(bill).map(({ service, usd }) => ({ service, usd, floorUsd: floors.get(service) ?? 0 })),
    lines: bill.lines.toSorted((left, right) => right.usd - left.usd),
    observability: { metricsUsd: of(METRICS), logsUsd: of(LOGS), tracesUsd: of(["trace"]) },
    seed: {
      usd: lines.reduce((total, { usd }) => total + usd, 0),
      statedUsd: STATED_USD[load.users] ?? null,
      lines,
    },
  };
}

const sum = ({ lines }: Bill, isCounted: (line: Line) => boolean) =>
  lines.filter(isCounted).reduce((total, { usd }) => total + usd, 0);

const DRIVERS = 8;
const dollars = (usd: number) => usd.toFixed(2).padStart(9);
const amount = (quantity: number) => quantity.toLocaleString("en", { maximumFractionDigits: quantity < 100 ? 2 : 0 });

/** Formats a report as text for people. */
export function asTable({ stage, load, usd, floorUsd, services, lines, observability, seed }: Report): string {
  const { metricsUsd, logsUsd, tracesUsd } = observability;
  const stated = seed.statedUsd === null ? "" : ` (it stated $${seed.statedUsd})`;
  const rows = [
    `${stage}, ${load.name}: US dollars a month, list prices of us-east-1, no free tier`,
    "",
    `    month  when idle  service`,
    ...services.map((one) => `${dollars(one.usd)}  ${dollars(one.floorUsd)}  ${one.service}`),
    `${dollars(usd)}  ${dollars(floorUsd)}  in all`,
    "",
    "what drives it",
    ...lines
      .filter((_, index) => index < DRIVERS)
      .map(
        ({ resource, driver, price, quantity, usd: own }) =>
          `${dollars(own)}  ${resource}: ${driver}, ${amount(quantity)} × ${PRICES[price].unit}`,
      ),
    "",
    `metrics, alarms and dashboards $${metricsUsd.toFixed(2)}, logs $${logsUsd.toFixed(2)}, traces $${tracesUsd.toFixed(2)}`,
    `the first design, on Kubernetes, with the same prices: $${seed.usd.toFixed(0)}${stated}, before storage, logs and transfer`,
  ];
  return `${rows.join("\n")}\n`;
}

const quoted = (value: string | number) => {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Formats every line with its resource, price and source as CSV (RFC 4180). */
export function asCsv({ lines }: Report): string {
  const header = ["service", "resource", "driver", "quantity", "unit", "price_usd", "usd", "source", "as_of"];
  const rows = lines.map(({ service, resource, driver, price, quantity, usd }) => {
    const { unit, usd: each, source, asOf } = PRICES[price];
    return [service, resource, driver, quantity, unit, each, usd.toFixed(4), source, asOf];
  });
  return [header, ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}
