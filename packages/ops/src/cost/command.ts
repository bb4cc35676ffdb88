import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { ROOT } from "../folders.ts";
import { type Outcome, UsageError } from "../outcome.ts";
import { type Shell, realShell } from "../shell.ts";
import { Figures, changesOf, printChanges } from "./changes.ts";
import { asSvg } from "./chart.ts";
import { loadOf } from "./load-file.ts";
import { profileOf } from "./profile.ts";
import { asCsv, asTable, reportOf } from "./report.ts";

export const FIGURES = "tests/infra/snapshots/bills.json";
const FORMATS = ["table", "csv", "svg"] as const;

const Options = v.object({
  stage: v.optional(v.string(), "production"),
  users: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/, "--users must be a whole number"), v.transform(Number))),
  load: v.optional(v.string()),
  size: v.optional(v.picklist(["small", "medium", "large"], "--size must be small, medium or large")),
  format: v.optional(v.picklist(FORMATS, "--format must be table, csv or svg"), "table"),
  since: v.optional(v.string()),
});
const Resources = v.array(v.object({ type: v.string(), name: v.string(), inputs: v.record(v.string(), v.unknown()) }));

/**
 * `gotong cost` prints the monthly bill of a stage with its current configuration, under a load.
 * @throws UsageError; Error with the output of a failed evaluation
 */
export async function cost(given: unknown, shell: Shell = realShell): Promise<Outcome> {
  const parsed = v.safeParse(Options, given);
  if (!parsed.success) throw new UsageError(v.summarize(parsed.issues));
  const { stage, users, load, size, format, since } = parsed.output;
  if (since !== undefined) return changes(since, shell);
  if (users !== undefined && load !== undefined) throw new UsageError("either --users or --load");
  const profile = load === undefined ? profileOf(users ?? 10_000) : loadOf(await readFile(load, "utf8"));
  const variables = size === undefined ? {} : { GOTONG_SIZE: size };
  const report = reportOf(stage, await resourcesOf(stage, variables, shell), profile);
  const text = { table: asTable, csv: asCsv, svg: asSvg }[format](report);
  return { text, data: report };
}

/**
 * Evaluates the resources of a stage with its current configuration.
 * @throws Error with the output of a failed evaluation
 */
export async function resourcesOf(
  stage: string,
  variables: Readonly<Record<string, string>>,
  shell: Shell,
): Promise<v.InferOutput<typeof Resources>> {
  const { code, out, err } = await shell.run([process.execPath, "infra/evaluate/resources.ts", stage], variables);
  if (code !== 0) throw new Error(err.trim());
  return v.parse(v.pipe(v.string(), v.parseJson(), Resources), out);
}

/** Returns the change of the bill since a commit, from the committed figures. `.ci/run` prints it for every change. */
async function changes(since: string, shell: Shell): Promise<Outcome> {
  const then = await shell.run(["git", "show", `${since}:${FIGURES}`]);
  if (then.code !== 0) return { text: `${since} has no ${FIGURES}: nothing to compare\n`, data: { changes: [] } };
  const before = v.parse(v.pipe(v.string(), v.parseJson(), Figures), then.out);
  const after = v.parse(v.pipe(v.string(), v.parseJson(), Figures), await readFile(join(ROOT, FIGURES), "utf8"));
  const found = changesOf(before, after);
  return { text: printChanges(found), data: { changes: found } };
}
