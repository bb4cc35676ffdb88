import type { Interrupted, Outcome, Step } from "./outcome.ts";

type Options = Readonly<Record<string, unknown>>;

export interface Command {
  /** Its words, such as `users grant`. */
  readonly name: string;
  readonly summary: string;
  /** In the notation of commander: `<required>`, `[optional]`. */
  readonly args?: readonly string[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Lines of the help, without `gotong`. */
  readonly examples?: readonly string[];
  /** Where it can run: in the stage's own `ops` function, or only on this machine. Both when left out. */
  readonly place?: "machine";
  /** `--stage` is the stage that it works on from here: it is an option of the command. */
  readonly isAboutStage?: boolean;
  /** Changes nothing, or audits what it changes itself: `operator.command` is not recorded. */
  readonly isReading?: boolean;
  /** The command of its group when no other is named. */
  readonly isDefault?: boolean;
  /** For other programs: not in the help. */
  readonly isHidden?: boolean;
  readonly run: (args: readonly string[], options: Options, step: Step) => Promise<Outcome | Interrupted>;
}

export const DRY_RUN = ["--dry-run", "says what it would do, and does nothing"] as const;
