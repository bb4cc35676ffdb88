import type { Outcome } from "../outcome.ts";

/** The result of one check. */
export interface Finding {
  readonly about: string;
  /** `problem`: something fails, or will fail; `warning`: an operator should know about it. */
  readonly state: "ok" | "warning" | "problem";
  readonly found: string;
  /** The remedy. */
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

/** Formats a line for each finding, followed by its remedy. */
export function reportOf(findings: readonly Finding[]): Outcome {
  const lines = findings.flatMap(({ about, state, found, todo }) => [
    `${MARKS[state]}  ${about}: ${found}`,
    ...(todo === undefined ? [] : [`         ${todo}`]),
  ]);
  const problems = findings.filter(({ state }) => state === "problem").length;
  lines.push(problems === 0 ? "nothing stands in the way" : `${problems} of ${findings.length} are problems`);
  return { text: `${lines.join("\n")}\n`, data: { findings }, isAlarming: problems > 0 };
}
