import * as v from "valibot";
import { billOf } from "../cost/bill.ts";
import { resourcesOf } from "../cost/command.ts";
import { profileOf } from "../cost/profile.ts";
import { type Outcome, UsageError } from "../outcome.ts";
import { type Shell, realShell } from "../shell.ts";
import { capacityChart } from "./chart.ts";
import { SHAPES } from "./shape.ts";
import { type Capacity, simulate } from "./simulate.ts";

const Options = v.object({
  stage: v.optional(v.string(), "production"),
  users: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/, "--users must be a whole number"), v.transform(Number))),
  shape: v.optional(v.picklist(["tenant", "production", "largest"], "--shape must be tenant, production or largest")),
  format: v.optional(v.picklist(["table", "svg"], "--format must be table or svg"), "table"),
  bill: v.optional(v.boolean(), true),
});

/** Numbers of users: 10 to 100 million. */
export const POWERS = [1, 2, 3, 4, 5, 6, 7, 8].map((power) => 10 ** power);

/**
 * `gotong capacity` models a day of a stage, for 10 to 100 million users or for the given number, and prints the
 * first bottleneck and the bill.
 */
export async function capacity(given: unknown, shell: Shell = realShell): Promise<Outcome> {
  const parsed = v.safeParse(Options, given);
  if (!parsed.success) throw new UsageError(v.summarize(parsed.issues));
  const { stage, users, shape = stage.startsWith("tenant-") ? "tenant" : "production", format, bill } = parsed.output;
  const rows = (users === undefined ? POWERS : [users]).map((count) => simulate(SHAPES[shape], profileOf(count)));
  if (format === "svg") return { text: capacityChart(rows), data: rows };
  const resources = bill ? await resourcesOf(stage, {}, shell) : undefined;
  const billed = rows.map((row) => ({
    ...row,
    usd: resources === undefined ? null : billOf(resources, profileOf(row.users)).usd,
  }));
  return { text: `${[HEADER, ...billed.map(line)].join("\n")}\n`, data: billed.map(finite) };
}

const HEADER =
  "      users  requests/s    p95 API  writer ACU  backlog of events   drained       $/month  first bottleneck";

function line(row: Capacity & { readonly usd: number | null }): string {
  const { users, requestsPerSecond, p95Ms, acuAtPeak, backlog, drainMinutes, bottleneck, usd } = row;
  const cells = [
    users.toLocaleString("en").padStart(11),
    requestsPerSecond.peak.toFixed(requestsPerSecond.peak < 10 ? 2 : 0).padStart(11),
    (Number.isFinite(p95Ms) ? `${p95Ms.toFixed(0)} ms` : "never").padStart(10),
    acuAtPeak.toFixed(acuAtPeak < 10 ? 2 : 0).padStart(11),
    backlog.toLocaleString("en").padStart(18),
    (Number.isFinite(drainMinutes) ? `${drainMinutes} min` : "never").padStart(9),
    (usd === null ? "-" : usd.toFixed(usd < 100 ? 2 : 0)).padStart(13),
  ];
  return `${cells.join(" ")}  ${bottleneck.what}, ${(bottleneck.share * 100).toFixed(bottleneck.share < 0.1 ? 1 : 0)} %`;
}

/** Replaces infinity by null, since JSON does not support infinity. */
const finite = (row: Capacity & { readonly usd: number | null }) => ({
  ...row,
  p95Ms: Number.isFinite(row.p95Ms) ? row.p95Ms : null,
  drainMinutes: Number.isFinite(row.drainMinutes) ? row.drainMinutes : null,
});
