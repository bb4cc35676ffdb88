import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as v from "valibot";
import { PYTHON } from "./moto.ts";
import type { ResourceCall } from "./translate.ts";

const Result = v.object({
  id: v.string(),
  status: v.picklist(["checked", "applied", "invalid", "refused", "missing"]),
  message: v.optional(v.string()),
  made: v.optional(v.record(v.string(), v.nullable(v.string()))),
});
export type Result = v.InferOutput<typeof Result>;

/**
 * Checks the calls of stages against botocore's models, and sends them to `endpoint`, one after the other.
 * @param stages the calls of each stage; every stage starts with an empty account
 * @param endpoint the URL of moto; undefined checks the calls and sends nothing
 * @returns a result for each call of each stage, in the order of the calls
 * @throws Error with Python's error output when the script itself fails
 */
export async function applyCalls(
  stages: readonly (readonly ResourceCall[])[],
  endpoint?: string,
): Promise<readonly Result[][]> {
  const child = spawn(PYTHON.command, [join(import.meta.dirname, "apply.py")], {
    env: PYTHON.environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const [output, errors] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
    return chunks;
  });
  const ended = once(child, "close");
  child.stdin.end(JSON.stringify({ endpoint: endpoint ?? null, stages }));
  await ended;
  if (child.exitCode !== 0) throw new Error(`apply.py failed:\n${Buffer.concat(errors ?? []).toString()}`);
  const lines = Buffer.concat(output ?? [])
    .toString()
    .trim()
    .split("\n");
  const results = lines.filter(Boolean).map((line) => v.parse(Result, JSON.parse(line)));
  return stages.map((calls) => results.splice(0, calls.length));
}
