import type { Outcome } from "../outcome.ts";

/** One look at one thing. */
export interface Finding {
  readonly about: string;
  /** `problem`: something does not work, or will not; `warning`: an operator should know. */
  readonly state: "ok" | "warning" | "problem";
  readonly found: string;
  /** What to do about it. */
  readonly todo?: string;
}

export const ok = (about: string, found: string): Finding => ({ about, state: "ok", found });
export const warning = (about: string, found: string, todo: string): Finding => ({
  about,
  state: "warning",
  found,
  todo,
});
export const problem = (about: string, found: string, todo: string): Finding => ({
  about,
  state: "problem",
  found,
  todo,
});

const MARKS = { ok: "ok     ", warning: "warning", problem: "PROBLEM" } as const;

/** A line for each finding, and below it what to do. */
export function reportOf(findings: readonly Finding[]): Outcome {
  const lines = findings.flatMap(({ about, state, found, todo }) => [
    `${MARKS[state]}  ${about}: ${found}`,
    ...(todo === undefined ? [] : [`         ${todo}`]),
  ]);
  const problems = findings.filter(({ state }) => state === "problem").length;
  lines.push(problems === 0 ? "nothing stands in the way" : `${problems} of ${findings.length} are problems`);
  return { text: `${lines.join("\n")}\n`, data: { findings }, isAlarming: problems > 0 };
}
