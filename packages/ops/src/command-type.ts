import type { Interrupted, Outcome, Step } from "./outcome.ts";

type Options = Readonly<Record<string, unknown>>;

export interface Command {
  /** The words of the command, such as `users grant`. */
  readonly name: string;
  readonly summary: string;
  /** Arguments in the notation of commander: `<required>`, `[optional]`. */
  readonly args?: readonly string[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Example lines of the help, without `gotong`. */
  readonly examples?: readonly string[];
  /** `machine` if the command runs only on the operator's host; if absent, it also runs in the stage's `ops` function. */
  readonly place?: "machine";
  /** Whether the command reads `--stage` itself: then it runs on the operator's host and works on that stage. */
  readonly isAboutStage?: boolean;
  /** Whether the command changes nothing, or audits its changes itself, so that no `operator.command` is recorded. */
  readonly isReading?: boolean;
  /** Whether the command runs if only its group is named. */
  readonly isDefault?: boolean;
  /** Whether the command is only for other programs, and absent from the help. */
  readonly isHidden?: boolean;
  readonly run: (args: readonly string[], options: Options, step: Step) => Promise<Outcome | Interrupted>;
}

export const DRY_RUN = ["--dry-run", "says what it would do, and does nothing"] as const;
