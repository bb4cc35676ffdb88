/** What a command has come to. */
export interface Outcome {
  /** For people, whole lines. */
  readonly text: string;
  /** The same for programs: what `--json` prints. */
  readonly data: unknown;
  /** The command ran, and found something that has to change: exit code 1. */
  readonly isAlarming?: boolean;
}

/** A message and nothing else. */
export const said = (text: string): Outcome => ({ text, data: { message: text.trimEnd() } });

/** What `gotong migrate` says, here and on a stage. */
export const migrated = (applied: readonly string[]): Outcome => ({
  text: applied.length > 0 ? `applied ${applied.join(", ")}\n` : "nothing to apply\n",
  data: { applied },
});

/** A long command that stopped where a later step goes on. */
export interface Interrupted {
  /** JSON; handed to the next step as it is. */
  readonly cursor: unknown;
}

/** One step of a command: all of it in a process of its own, about twenty seconds of it in a Lambda function. */
export interface Step {
  /** The cursor of the step before; undefined in the first one. */
  readonly cursor: unknown;
  /** Called with one line at a time. */
  progress(line: string): void;
  /** Whether the command should stop at the next place where it can go on later. */
  isOver(): boolean;
}

/** A command that was typed wrong: exit code 2, with the usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
