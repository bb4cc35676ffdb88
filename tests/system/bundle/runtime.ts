// What Lambda does with a bundle, in a process of its own: imports it, hands over one event after the other, and passes on what
// comes back. Events arrive over the channel to the parent, and so leave the answers: stdout is for logs.
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
