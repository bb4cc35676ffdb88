// Imports a function's bundle, passes it one event, and prints the CPU time of both in milliseconds.
import { pathToFileURL } from "node:url";

const [file, event] = process.argv.slice(2);
const before = process.cpuUsage();
const { handler } = await import(pathToFileURL(file).href);
const answer = await handler(JSON.parse(event), { awsRequestId: "cold", functionName: "bench" });
const { user, system } = process.cpuUsage(before);
process.stdout.write(`\n${JSON.stringify({ status: answer.statusCode ?? 200, cpuMs: (user + system) / 1000 })}\n`, () =>
  process.exit(0),
);
