/** The result of a command. */
export interface Outcome {
  /** Output for people, in whole lines. */
  readonly text: string;
  /** The output for programs: `--json` prints it. */
  readonly data: unknown;
  /** Whether the command found a problem: exit code 1. */
  readonly isAlarming?: boolean;
}

/** Returns an outcome that consists only of a message. */
export const said = (text: string): Outcome => ({ text, data: { message: text.trimEnd() } });

/** Returns the outcome of `gotong migrate`, here and on a stage. */
export const migrated = (applied: readonly string[]): Outcome => ({
  text: applied.length > 0 ? `applied ${applied.join(", ")}\n` : "nothing to apply\n",
  data: { applied },
});

/** A long command that stopped, and that a later step continues. */
export interface Interrupted {
  /** A JSON value that is passed unchanged to the next step. */
  readonly cursor: unknown;
}

/**
 * One step of a command: the whole command in a process of its own, about twenty seconds of the command in a Lambda
 * function.
 */
export interface Step {
  /** The cursor of the previous step; undefined in the first step. */
  readonly cursor: unknown;
  /** Prints progress; called with one line at a time. */
  progress(line: string): void;
  /** Returns whether the command should stop at the next place from which it can continue later. */
  isOver(): boolean;
}

/** An invalid command line: exit code 2, with the usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
