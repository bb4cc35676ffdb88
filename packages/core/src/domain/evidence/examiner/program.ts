import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { Declared, READY, toText } from "./result.ts";

/**
 * The program that examines one file. Its parent starts this very module, by the place that it has on disk: in a bundle that is the
 * chunk which the bundler made of it, because nothing imports it but lazily.
 */
export const PROGRAM = fileURLToPath(import.meta.url);

/** What the program is told on its command line, as JSON; the bytes come through stdin. */
const Task = v.object({ declared: Declared, pictureMegabytes: v.number() });
export type Task = Readonly<v.InferOutput<typeof Task>>;

/** Of all that the library could read. */
const LOADERS = ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer"];

if (process.argv[1] === PROGRAM) await main(v.parse(Task, JSON.parse(process.argv[2] ?? "")));

async function main({ declared, pictureMegabytes }: Task): Promise<void> {
  const [{ default: sharp }, { examineFile }] = await Promise.all([import("sharp"), import("../examine-file.ts")]);
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  process.stdout.write(`${READY}\n`);
  const result = await examineFile(await readAll(declared.sizeBytes), declared, pictureMegabytes);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cost = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: maxRSS / 1024 };
  process.stdout.write(`${toText({ result, ...cost })}\n`);
}

/** Not more than was declared, and one byte to tell that there is more. */
async function readAll(sizeBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(sizeBytes + 1);
  let length = 0;
  for await (const chunk of process.stdin) {
    if (Buffer.isBuffer(chunk)) length += chunk.copy(bytes, length);
    if (length > sizeBytes) break;
  }
  return bytes.subarray(0, length);
}
