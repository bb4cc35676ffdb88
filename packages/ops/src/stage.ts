import { hostname, userInfo } from "node:os";
import * as v from "valibot";
import { Characters } from "@gotong/core/platform/characters.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Answer, type Request } from "./ops-protocol.ts";
import { type Outcome, UsageError, migrated } from "./outcome.ts";

/** The calls of the command line to AWS Lambda. */
export interface Functions {
  /**
   * Invokes a function and waits for its response.
   * @returns the response, parsed from JSON
   * @throws ThrottledError if the function was not started; Error with the failure
   */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
}

/** Reads and sets the reserved concurrency of functions. */
export interface Concurrency {
  /** Returns the reserved concurrency; undefined if there is none. */
  reserved(functionName: string): Promise<number | undefined>;
  /** Sets the reserved concurrency (0 rejects every invocation), or removes it if undefined. */
  reserve(functionName: string, most: number | undefined): Promise<void>;
}

/** Lambda had no capacity, and the function was not started. */
export class ThrottledError extends Error {
  override readonly name = "ThrottledError";
}

const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];
const Migrated = v.object({ applied: v.array(v.string()) });

interface Named {
  readonly name: string;
  readonly place?: "machine";
}

/** Returns the function's name, built like in infra/names.ts: no stage has a name that is long enough to be shortened. */
export const functionOf = (stage: string, name: string): string => `gotong-royong-${stage}-${name}`;

/**
 * Runs a command in a stage's `ops` function, step by step.
 * @param words the command line, without `--stage`
 * @param progress called with one line at a time, after each step
 * @throws UsageError; Error with the message of the function or of Lambda
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

/**
 * Retries invocations that were not started, and no others: a command whose response was lost may have run, and a
 * retry would create, for example, a second invitation.
 */
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
