import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { assertNoConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { type Outcome, UsageError } from "./outcome.ts";
import { functionOf } from "./stage.ts";

const Options = v.object({
  stage: v.optional(v.string()),
  requestId: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.:-]{1,128}$/, "--request-id has other characters than an id")),
  ),
  since: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,4}$/, "--since must be a whole number of hours"), v.transform(Number)),
    "24",
  ),
  file: v.optional(v.string()),
});
const Line = v.looseObject({
  timestamp: v.string(),
  level: v.string(),
  service: v.string(),
  message: v.string(),
  request_id: v.string(),
});
type Line = v.InferOutput<typeof Line>;

/** The log groups of a stage. */
export interface LogGroups {
  /** Returns the log lines with this request id of all functions of the app, unchanged. */
  find(prefix: string, requestId: string, sinceMs: number): Promise<readonly string[]>;
}

/**
 * `gotong logs --request-id <id>` prints the log lines of a request over all functions, in the order of time.
 * @throws UsageError
 */
export async function logs(given: unknown, groups?: LogGroups, input?: AsyncIterable<string>): Promise<Outcome> {
  const parsed = v.safeParse(Options, given);
  if (!parsed.success) throw new UsageError(v.summarize(parsed.issues));
  const { stage, requestId, since, file } = parsed.output;
  if (requestId === undefined || (stage === undefined) === (file === undefined))
    throw new UsageError("gotong logs --request-id <id> (--stage <name> | --file <file>)");
  const found: Line[] = [];
  const add = (text: string) => {
    const line = v.safeParse(v.pipe(v.string(), v.parseJson(), Line), text);
    if (line.success && line.output.request_id === requestId) found.push(line.output);
  };
  if (stage === undefined) for await (const text of input ?? linesOf(file ?? "-")) add(text);
  else {
    const prefix = `/aws/lambda/${functionOf(stage, "")}`;
    const sinceMs = Clock.now().getTime() - since * 3_600_000;
    for (const text of await (groups ?? (await awsLogGroups())).find(prefix, requestId, sinceMs)) add(text);
  }
  const sorted = found.toSorted((left, right) => (left.timestamp < right.timestamp ? -1 : 1));
  return { text: `${sorted.map(shown).join("")}${sorted.length} lines\n`, data: sorted };
}

const SHOWN = ["timestamp", "level", "service", "message", "request_id", "stage"];

function shown(line: Line): string {
  const { timestamp, level, service, message } = line;
  const more = Object.entries(line).flatMap(([name, value]) =>
    SHOWN.includes(name) ? [] : [`${name}=${JSON.stringify(value)}`],
  );
  return `${[timestamp, level.padEnd(5), service, message, ...more].join("  ")}\n`;
}

const linesOf = (file: string) =>
  createInterface({ input: file === "-" ? process.stdin : createReadStream(file), crlfDelay: Infinity });

async function awsLogGroups(): Promise<LogGroups> {
  const sdk = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new sdk.CloudWatchLogsClient({});
  return {
    async find(logGroupNamePrefix, requestId, startTime) {
      assertNoConnectionInUse("http");
      const found: string[] = [];
      for await (const { logGroups = [] } of sdk.paginateDescribeLogGroups({ client }, { logGroupNamePrefix }))
        for (const { logGroupName } of logGroups) {
          const filterPattern = `{ $.request_id = "${requestId}" }`;
          for await (const { events = [] } of sdk.paginateFilterLogEvents(
            { client },
            { logGroupName, startTime, filterPattern },
          ))
            found.push(...events.flatMap(({ message }) => message ?? []));
        }
      return found;
    },
  };
}
