import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { Declared, READY, toText } from "./result.ts";

/**
 * Path of the program that examines one file: this very module, which the parent starts as a process. In a bundle it is
 * a separate chunk, because the module is only imported lazily.
 */
export const PROGRAM = fileURLToPath(import.meta.url);

/** The program's command-line argument, as JSON; the file comes through stdin. */
const Task = v.object({
  declared: Declared,
  /** `evidence`: examines the file; `avatar`: makes a profile picture of it. */
  form: v.picklist(["evidence", "avatar"]),
  pictureMegabytes: v.number(),
  trustAnchors: v.string(),
});
export type Task = Readonly<v.InferOutput<typeof Task>>;

/** The only picture loaders of libvips that are enabled. */
const LOADERS = ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer"];

if (process.argv[1] === PROGRAM) await main(v.parse(Task, JSON.parse(process.argv[2] ?? "")));

async function main({ declared, form, pictureMegabytes, trustAnchors }: Task): Promise<void> {
  const [{ default: sharp }, { examineFile }, { avatarOf }] = await Promise.all([
    import("sharp"),
    import("./examine-file.ts"),
    import("./avatar.ts"),
  ]);
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  process.stdout.write(`${READY}\n`);
  const bytes = await readAll(declared.sizeBytes);
  const result =
    form === "avatar"
      ? await avatarOf(bytes, declared, pictureMegabytes)
      : await examineFile(bytes, declared, pictureMegabytes, trustAnchors);
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const cost = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: peakMegabytes() };
  process.stdout.write(`${toText({ result, ...cost })}\n`);
}

/**
 * The largest resident memory of this program so far. On Linux from its own counter: `maxRSS` begins with the memory of the process that started
 * it, since the kernel keeps that figure when a process executes a program (getrusage(2); `exec_mmap` in fs/exec.c).
 */
function peakMegabytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // Only Linux has this file.
  }
  return process.resourceUsage().maxRSS / 1024;
}

/** Reads at most the declared size, plus one byte to detect a longer file. */
async function readAll(sizeBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(sizeBytes + 1);
  let length = 0;
  for await (const chunk of process.stdin) {
    if (Buffer.isBuffer(chunk)) length += chunk.copy(bytes, length);
    if (length > sizeBytes) break;
  }
  return bytes.subarray(0, length);
}
