import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { Config } from "../../../platform/config.ts";
import { assertNoConnectionHeld } from "../../../platform/db/scope.ts";
import { READY } from "./result.ts";

/** The program took more than it may: another try would end the same way. */
export class OverLimit extends Error {}
/** The program ended without an answer after it had said that it was ready. */
export class ProgramDied extends Error {}

export interface Limits {
  /** Of all threads of the program. */
  readonly cpuSeconds: number;
  /** Resident memory. Where the system does not tell (it is Linux that does), nothing is limited. */
  readonly megabytes: number;
}

/** The kernel ends a process with SIGXCPU at the first limit, and with SIGKILL at the second; also when its parent is gone. */
const LIMITED = 'ulimit -St "$1" && ulimit -Ht "$2" && shift 2 && exec "$@"';
const HARD_LIMIT_AFTER_SECONDS = 2;
/** A program that waits takes no CPU time: it is ended after so many times its share, sooner than the time of a function ends. */
const WALL_PER_CPU_SECOND = 6;
const LOOK_EVERY_MS = 50;
/** V8's own; buffers lie outside of it. */
const HEAP_MEGABYTES = 192;
const MOST_ANSWER_BYTES = 2_000_000;
const MOST_COMPLAINT_CHARACTERS = 500;
const LOWER_PRIORITY = 10;

/**
 * Runs a JavaScript program in a process of its own, which the kernel ends when it has used up its CPU time, and this function when
 * it takes too much memory. It has nothing of this process's environment, and a lower priority.
 * @param argument of its command line
 * @param input what it reads from stdin
 * @returns what it wrote to stdout after the line {@link READY}
 * @throws OverLimit, ProgramDied; any other Error when it could not begin, which says nothing about its input
 */
export async function runLimited(
  program: string,
  argument: string,
  input: Uint8Array,
  { cpuSeconds, megabytes }: Limits,
): Promise<string> {
  assertNoConnectionHeld("examination");
  const node = [process.execPath, `--max-old-space-size=${HEAP_MEGABYTES}`, program, argument];
  const limits = [String(cpuSeconds), String(cpuSeconds + HARD_LIMIT_AFTER_SECONDS)];
  const child = spawn("/bin/sh", ["-c", LIMITED, "sh", ...limits, ...node], {
    env: Config.forPrograms(),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // a signal to its parent's group must not look as if the input had ended it
  });
  let [said, complaint, over]: [string, string, string | undefined] = ["", "", undefined];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.length > MOST_ANSWER_BYTES) child.kill("SIGKILL");
  });
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (complaint = (complaint + text).slice(-MOST_COMPLAINT_CHARACTERS)));
  child.stdin.on("error", () => undefined); // it ended before it had read all; its end says why
  child.stdin.end(input);
  const endsAt = performance.now() + cpuSeconds * WALL_PER_CPU_SECOND * 1000;
  const watch = setInterval(() => {
    if (residentMegabytes(child.pid) > megabytes) over = "memory";
    if (over !== undefined || performance.now() > endsAt) child.kill("SIGKILL");
  }, LOOK_EVERY_MS);
  try {
    lowerPriority(child.pid);
    const end = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.on("error", reject).on("close", (code, signal) => resolve({ code, signal }));
    });
    if (end.code === 0 && said.startsWith(`${READY}\n`)) return said.slice(READY.length + 1);
    if (end.signal === "SIGXCPU") over = "CPU time";
    if (over !== undefined) throw new OverLimit(`the program took more ${over} than it may`);
    const reason = `the program ended with ${end.signal ?? String(end.code)}: ${complaint}`;
    throw said.startsWith(READY) ? new ProgramDied(reason) : new Error(reason);
  } finally {
    clearInterval(watch);
  }
}

function residentMegabytes(pid: number | undefined): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, LOWER_PRIORITY);
  } catch {
    // it has ended already, or the system does not allow it
  }
}
