import * as v from "valibot";
import { Config } from "../../../platform/config.ts";
import { onReset } from "../../../platform/reset.ts";
import { runLimited } from "./limited-process.ts";
import type { Task } from "./program.ts";
import { ExaminerResult, type Declared } from "./result.ts";

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
