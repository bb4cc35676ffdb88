import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import type { Interrupted, Outcome, Step } from "./outcome.ts";
import { type Parsed, parse } from "./program.ts";

/** Runs one step of a command, as a system actor. @throws the error of the command */
export function runStep({ command, args, options }: Parsed, step: Step): Promise<Outcome | Interrupted> {
  return Actor.run({ type: "system", name: Actor.COMMAND_LINE }, Id.uuid(), () => command.run(args, options, step));
}

/**
 * Runs a whole command in this process.
 * @param progress called with one line at a time while a long command runs
 * @throws Error when the command stops before its end, which only `isOver` can cause
 */
export async function runHere(parsed: Parsed, progress: (line: string) => void): Promise<Outcome> {
  const outcome = await runStep(parsed, { cursor: undefined, progress, isOver: () => false });
  if ("cursor" in outcome) throw new Error(`${parsed.command.name} stopped before its end`);
  return outcome;
}

/**
 * Parses a command line and runs the command in this process.
 * @returns the output to print
 * @throws UsageError with the usage
 */
export async function run(words: readonly string[], progress: (line: string) => void): Promise<string> {
  const parsed = parse(words);
  return "help" in parsed ? parsed.help : (await runHere(parsed, progress)).text;
}
