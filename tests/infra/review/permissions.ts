import { type RoleSummary, rolesOf } from "../../../infra/evaluate/iam.ts";
import type { Evaluation } from "../../../infra/evaluate/resource.ts";

interface Row {
  readonly effect: string;
  readonly action: string;
  readonly resource: string;
  readonly condition: string;
}

/**
 * Formats the permissions of every role as a table for reviewers, action by action, with the stages to which each
 * applies. Names of stages are replaced by `<stage>`, the account by `<account>`.
 */
export function permissions(evaluations: readonly Evaluation[]): string {
  const rolesByStage = evaluations.map((evaluation) => ({
    id: evaluation.variant.id,
    roles: new Map(rolesOf(evaluation).map((role) => [role.name, normalised(role, evaluation.variant.stage)])),
  }));
  const names = [...new Set(rolesByStage.flatMap(({ roles }) => [...roles.keys()]))].toSorted();
  const sections = names.map((name) => {
    const holders = rolesByStage.filter(({ roles }) => roles.has(name));
    const all = holders.map(({ id }) => id);
    const everywhere = all.length === evaluations.length;
    const where = (own: readonly string[]) => {
      if (own.length === all.length) return "";
      const others = all.filter((id) => !own.includes(id));
      return own.length <= others.length ? own.join(", ") : `all but ${others.join(", ")}`;
    };
    const texts = (pick: (role: Normalised) => readonly string[]) =>
      inWhich(holders.map(({ id, roles }) => [id, pick(roles.get(name) ?? NONE)]));
    const trusts = texts((role) => role.trusts).map(([text, own]) => `${text}${note(where(own))}`);
    const managed = texts((role) => role.managed).map(([text, own]) => `${text}${note(where(own))}`);
    const rows = texts((role) => role.rows).map(([text, own]) => `| ${text} | ${where(own)} |`);
    return [
      `## ${name}`,
      "",
      `Trusted: ${trusts.join("; ")}.${managed.length > 0 ? ` AWS's policies: ${managed.join("; ")}.` : ""}${everywhere ? "" : ` Only in: ${all.join(", ")}.`}`,
      "",
      ...(rows.length > 0
        ? ["| effect | action | resource | condition | only in |", "| --- | --- | --- | --- | --- |", ...rows, ""]
        : []),
    ].join("\n");
  });
  return `${HEAD}\n${sections.join("\n")}`;
}

const HEAD = `# What every role may do

Made from the evaluation of all stages by \`npm run infra -- update\`; a test fails while it is out of date. Each line was granted where the
role is declared in \`infra/\`. "only in" is empty where it applies wherever the role exists.
`;

interface Normalised {
  readonly trusts: readonly string[];
  readonly managed: readonly string[];
  readonly rows: readonly string[];
}
const NONE: Normalised = { trusts: [], managed: [], rows: [] };

function normalised(role: RoleSummary, stage: string): Normalised {
  const clean = (value: unknown) =>
    (typeof value === "string" ? value : JSON.stringify(value))
      .replaceAll(`-${stage}-`, "-<stage>-")
      .replaceAll(/\b\d{12}\b/g, "<account>");
  const rows = role.statements.flatMap((statement) =>
    statement.Action.flatMap((action) =>
      statement.Resource.map((resource): Row => ({
        effect: statement.Effect,
        action,
        resource: clean(resource),
        condition: statement.Condition === undefined ? "" : clean(statement.Condition),
      })),
    ),
  );
  return {
    trusts: role.trusts.map(clean),
    managed: [...role.managed],
    rows: [
      ...new Set(rows.map((row) => [row.effect, row.action, code(row.resource), code(row.condition)].join(" | "))),
    ],
  };
}

/** Returns each string with the stages that have it, sorted by string. */
function inWhich(lists: readonly (readonly [id: string, texts: readonly string[]])[]): [text: string, ids: string[]][] {
  const found = new Map<string, string[]>();
  for (const [id, texts] of lists) for (const text of texts) found.set(text, [...(found.get(text) ?? []), id]);
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const note = (where: string) => (where === "" ? "" : ` (${where})`);
const code = (text: string) => (text === "" ? "" : `\`${text.replaceAll("|", "\\|")}\``);
