// What Lambda does with a bundle, in a process of its own: imports it, hands over one event after the other, and passes on what
// comes back. Events arrive as a JSON array on stdin, answers leave as one on descriptor 3: stdout is for logs.
import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import * as v from "valibot";

const Module = v.object({
  handler: v.custom<(event: unknown, context: unknown) => Promise<unknown>>((value) => typeof value === "function"),
});

const [file = ""] = process.argv.slice(2);
const { handler } = v.parse(Module, await import(pathToFileURL(file).href));
const events = v.parse(v.array(v.unknown()), JSON.parse(await text(process.stdin)));
const answers: unknown[] = [];
for (const [index, event] of events.entries()) {
  answers.push(await handler(event, { awsRequestId: `invocation-${index}`, functionName: "test" }));
}
writeSync(3, JSON.stringify(answers));
process.exit(0);
