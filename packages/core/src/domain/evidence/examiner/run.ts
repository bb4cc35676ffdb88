import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import * as v from "valibot";
import { Config } from "../../../platform/config.ts";
import { assertNoConnectionInUse } from "../../../platform/db/scope.ts";
import { onReset } from "../../../platform/reset.ts";
import type { Task } from "./program.ts";
import { type Declared, ExaminerResult, READY } from "./result.ts";

/** Thrown when the program exceeded a limit; a retry would exceed it again. */
export class OverLimit extends Error {}
/** Thrown when the program was started, exceeded no limit, and exited without a result. */
export class ProgramCrashed extends Error {}

interface Limits {
  /** Limit of the CPU time of all threads of the program. */
  readonly cpuSeconds: number;
  /** Limit of the resident memory. Only enforced on Linux. */
  readonly megabytes: number;
}

/**
 * The kernel kills the process with SIGXCPU at the soft limit and SIGKILL at the hard limit, even if the parent has
 * exited.
 */
const LIMITED = 'ulimit -St "$1" && ulimit -Ht "$2" && shift 2 && exec "$@"';
const HARD_LIMIT_AFTER_SECONDS = 2;
/**
 * A program that waits uses no CPU time, so it is killed when the elapsed time reaches this multiple of its CPU limit.
 * The multiple is small enough for the Lambda function not to time out first.
 */
const WALL_PER_CPU_SECOND = 6;
const LOOK_EVERY_MS = 50;
/** Limit of V8's heap; buffers do not count towards it. */
const HEAP_MEGABYTES = 192;
const MOST_ANSWER_BYTES = 2_000_000;
const MOST_COMPLAINT_CHARACTERS = 500;
const LOWER_PRIORITY = 10;

/** Memory for Node, the library and the file itself, in addition to a decoded picture. */
const OWN_MEGABYTES = 160;

type Form = Task["form"];
type Examiner = (bytes: Uint8Array, declared: Declared, form: Form) => Promise<ExaminerResult>;

let examiner: Examiner | undefined;
onReset(() => (examiner = undefined));

/** Replaces the child process by a function (simulation). */
export function useExaminer(replacement: Examiner): void {
  examiner = replacement;
}

/**
 * Examines a file in a child process, under the limits of the section `examination`.
 * @param form `avatar` makes a profile picture of the file, the `thumbnail` of the result
 * @throws OverLimit, ProgramCrashed; any other Error when the examination could not start, which the file did not cause
 */
export async function runExaminer(
  bytes: Uint8Array,
  declared: Declared,
  form: Form = "evidence",
): Promise<ExaminerResult> {
  if (examiner) return examiner(bytes, declared, form);
  const { EXAMINATION_CPU_SECONDS, EXAMINATION_MEMORY_MB, CONTENT_CREDENTIAL_ANCHORS } = Config.section("examination");
  const { PROGRAM } = await import("./program.ts"); // only lazily, so that the module stays a chunk of its own: see program.ts
  const task: Task = {
    declared: { contentType: declared.contentType, sizeBytes: declared.sizeBytes, sha256: declared.sha256 },
    form,
    pictureMegabytes: EXAMINATION_MEMORY_MB - OWN_MEGABYTES,
    trustAnchors: CONTENT_CREDENTIAL_ANCHORS,
  };
  const limits = { cpuSeconds: EXAMINATION_CPU_SECONDS, megabytes: EXAMINATION_MEMORY_MB };
  return v.parse(
    v.pipe(v.string(), v.parseJson(), ExaminerResult),
    await runLimited(PROGRAM, JSON.stringify(task), bytes, limits),
  );
}

/**
 * Runs a JavaScript program in a child process. The kernel kills it when its CPU time is used up; this function kills
 * it when it uses too much memory. The child gets none of this process's environment variables, and a lower priority.
 * @param argument the program's command-line argument
 * @param input bytes for the program's stdin
 * @returns the program's stdout after the line {@link READY}
 * @throws OverLimit, ProgramCrashed; any other Error when the program could not start, which the input did not cause
 */
export async function runLimited(
  program: string,
  argument: string,
  input: Uint8Array,
  { cpuSeconds, megabytes }: Limits,
): Promise<string> {
  assertNoConnectionInUse("examination");
  const node = [process.execPath, `--max-old-space-size=${HEAP_MEGABYTES}`, program, argument];
  const limits = [String(cpuSeconds), String(cpuSeconds + HARD_LIMIT_AFTER_SECONDS)];
  const child = spawn("/bin/sh", ["-c", LIMITED, "sh", ...limits, ...node], {
    env: Config.forPrograms(),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // without this, a signal to the parent's process group would look like a crash caused by the input
  });
  let [said, complaint, over]: [string, string, string | undefined] = ["", "", undefined];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.length > MOST_ANSWER_BYTES) child.kill("SIGKILL");
  });
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (complaint = (complaint + text).slice(-MOST_COMPLAINT_CHARACTERS)));
  child.stdin.on("error", () => undefined); // the child exited before reading all input; its exit status states the reason
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
    throw said.startsWith(READY) ? new ProgramCrashed(reason) : new Error(reason);
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
    // The child has exited, or the system does not allow a change of its priority.
  }
}

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Forgets the running examinations. A simulation, which runs several processes in one, calls this where a real process
 * would end.
 */
export function forgetRunning(): void {
  running = 0;
  for (const resume of waiting.splice(0)) resume();
}
onReset(forgetRunning);

/** Runs `work` once fewer than `EXAMINATIONS_AT_ONCE` other examinations run in this process. */
export async function limited<T>(work: () => Promise<T>): Promise<T> {
  while (running >= Config.section("examination").EXAMINATIONS_AT_ONCE)
    await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
