import { hostname, userInfo } from "node:os";
import * as v from "valibot";
import { Characters } from "@gotong/core/platform/characters.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Answer, type Request } from "./ops-protocol.ts";
import { type Outcome, UsageError, migrated } from "./outcome.ts";

/** What the command line needs of AWS's Lambda. */
export interface Functions {
  /**
   * Invokes a function and waits for its answer.
   * @returns the answer as JSON
   * @throws ThrottledError when it was not started; Error with what went wrong
   */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
}

/** How many invocations of a function AWS lets run at once. */
export interface Concurrency {
  /** The reservation; undefined when there is none. */
  reserved(functionName: string): Promise<number | undefined>;
  /** Sets it (0: every invocation is refused), or takes it away. */
  reserve(functionName: string, most: number | undefined): Promise<void>;
}

/** Lambda had no capacity: the function was not started. */
export class ThrottledError extends Error {
  override readonly name = "ThrottledError";
}

const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];
const Migrated = v.object({ applied: v.array(v.string()) });

interface Named {
  readonly name: string;
  readonly place?: "machine";
}

/** As infra/names.ts makes it: no stage's name is long enough to be shortened. */
export const functionOf = (stage: string, name: string): string => `gotong-royong-${stage}-${name}`;

/**
 * Runs a command in a stage's `ops` function, step by step.
 * @param words of the command, without `--stage`
 * @param progress called with one line at a time, after each step
 * @throws UsageError; Error with what the function or Lambda said
 */
export async function runOnStage(
  stage: string,
  { command, words }: { readonly command: Named; readonly words: readonly string[] },
  progress: (line: string) => void,
  functions: Functions,
): Promise<Outcome> {
  if (command.name === "migrate up") {
    const answer = await patiently(() => functions.invoke(functionOf(stage, "migrate"), {}));
    return migrated(v.parse(Migrated, answer).applied);
  }
  if (command.place === "machine") throw new UsageError(`gotong ${command.name} runs here only, without --stage`);
  const operator = Characters.cut(`${userInfo().username}@${hostname()}`, 200);
  for (let cursor: unknown; ;) {
    const request: Request = { words: [...words], operator, ...(cursor === undefined ? {} : { cursor }) };
    const answer = v.parse(Answer, await patiently(() => functions.invoke(functionOf(stage, "ops"), request)));
    for (const line of answer.progress) progress(line);
    if (answer.status === "done") return { text: answer.text, data: answer.data };
    if (answer.status === "failed") throw answer.isUsage ? new UsageError(answer.message) : new Error(answer.message);
    cursor = answer.cursor;
  }
}

/** Tries again what was not started. Nothing else: an invitation whose answer was lost was made all the same. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ThrottledError)) throw error;
      await Clock.sleep(pause);
    }
  }
  return work();
}
