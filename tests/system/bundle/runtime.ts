// Runs a bundle in its own process as Lambda does: imports it, passes it one event after another, and returns its responses.
// Events and responses use the channel to the parent, since stdout is for logs.
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import * as v from "valibot";

const Module = v.object({
  handler: v.custom<(event: unknown, context: unknown) => Promise<unknown>>((value) => typeof value === "function"),
});

const [file = ""] = process.argv.slice(2);
const received = once(process, "message");
const { handler } = v.parse(Module, await import(pathToFileURL(file).href));
const [events] = v.parse(v.tuple([v.array(v.unknown()), v.unknown()]), await received);
const answers: unknown[] = [];
for (const [index, event] of events.entries()) {
  answers.push(await handler(event, { awsRequestId: `invocation-${index}`, functionName: "test" }));
}
process.send?.(answers, () => process.exit(0));
