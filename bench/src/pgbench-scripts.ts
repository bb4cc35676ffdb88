import * as v from "valibot";
import { Contribution } from "@gotong/core/domain/contribution/index.ts";
import { Access } from "@gotong/core/domain/session/access.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { INSERT_CONTRIBUTION, INSERT_EVENT, NEXT_SEQUENCE, TASKS, page } from "./peers/statements.ts";
import { CONTRIBUTION } from "./work.ts";

/** A script of pgbench, with the values of its variables. */
export interface Script {
  readonly text: string;
  readonly variables: Readonly<Record<string, string>>;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();
/** Puts expressions in place of the parameters of a statement. */
const withValues = (text: string, values: readonly string[]) =>
  `${oneLine(text).replaceAll(/\$(\d+)/g, (_all, n: string) => values[Number(n) - 1] ?? "null")};`;
/** The hexadecimal digits of a variable of pgbench. */
const digits = (variable: string, count: number) => `lpad(to_hex(:${variable}::bigint), ${count}, '0')`;
/** The id of the row with this number, see `idOf`. */
const idOf = (variable: string) => `('00000000-0000-7000-8000-' || ${digits(variable, 12)})::uuid`;
const RANDOM_ID = `\\set n random(1, ${2 ** 48 - 1})`;

/** The peers' statement for a page from a random place, half of them with a status. */
export const listScript = (tasks: number): Script => ({
  text: [
    `\\set n random(21, ${tasks})`,
    "\\set kind random(1, 4)",
    "\\if :kind > 2",
    withValues(page(TASKS, ["cursor"]), [idOf("n")]),
    "\\else",
    withValues(page(TASKS, ["cursor", "status"]), [idOf("n"), "(array['open', 'in_progress'])[:kind::int]"]),
    "\\endif",
  ].join("\n"),
  variables: {},
});

/** The peers' transaction: a contribution, the counter of its subject, and its event. */
export const bareScript = (): Script => {
  const texts = ["'community_service'", "'Cleared the drain'", `'${CONTRIBUTION.description}'`];
  const [subject, event] = [`'contribution:' || ${digits("n", 12)}`, `'evt_' || ${digits("n", 16)}`];
  return {
    text: [
      RANDOM_ID,
      "\\set user random(1, 1000)",
      "begin;",
      withValues(INSERT_CONTRIBUTION, ["gen_random_uuid()", idOf("user"), ...texts]),
      withValues(NEXT_SEQUENCE, [subject]),
      withValues(INSERT_EVENT, [event, subject, "1", idOf("user"), "repeat('x', 400)", "now()"]),
      "commit;",
    ].join("\n"),
    variables: {},
  };
};

const Claims = v.object({ sub: v.string(), sid: v.string() });
/** Returns the member and the session of an access token. */
const claimsOf = (token: string) =>
  v.parse(Claims, JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));

/**
 * The statements of `POST /v1/contributions`: the check of the session, the act, and the mark of publication. Makes
 * the request without HTTP to see them, and puts a random member and new ids into each transaction.
 * @param tokens access tokens of the members
 */
export async function ownScript(
  settings: Readonly<Record<string, string>>,
  tokens: readonly string[],
): Promise<Script> {
  const claims = tokens.map(claimsOf);
  const { contribution, sent } = await statementsOf(settings, tokens[0] ?? "");
  const params = sent.flatMap((each) => each.params).filter((param) => typeof param === "string");
  const event = params.find((param) => /^evt_[0-9a-f]{16}$/.test(param));
  const variables: Record<string, string> = {
    users: claims.map(({ sub }) => sub).join(),
    sessions: claims.map(({ sid }) => sid).join(),
  };
  const replaced = [
    [claims[0]?.sub, "(string_to_array(:users, ','))[:member::int]"],
    [claims[0]?.sid, "(string_to_array(:sessions, ','))[:member::int]"],
    [contribution.slice(-12), digits("n", 12)],
    [event?.slice(-16), digits("n", 16)],
  ] as const;
  const statements = sent.map(({ text, params }, index) => {
    const values = params.map((param, at) => {
      if (param === null) return "null";
      if (typeof param !== "string" && typeof param !== "number") throw new Error("a parameter is no string or number");
      const [name, value] = [`p${index}_${at}`, isDeadline(param) ? "infinity" : String(param)];
      variables[name] = value;
      let expression = `:${name}`;
      for (const [own, other] of replaced)
        if (own !== undefined && value.includes(own)) expression = `replace(${expression}, '${own}', ${other})`;
      return expression;
    });
    return withValues(escaped(text), values);
  });
  return { text: [RANDOM_ID, `\\set member random(1, ${tokens.length})`, ...statements].join("\n"), variables };
}

interface Sent {
  readonly text: string;
  readonly params: readonly unknown[];
}

async function statementsOf(settings: Readonly<Record<string, string>>, token: string) {
  Config.use(settings);
  let sent: Sent[] = [];
  let contribution = "";
  const stop = Db.watch((text, params) => void sent.push({ text, params }));
  try {
    // The first act also arms the sweep.
    for (let act = 0; act < 2; act += 1) {
      sent = [];
      const member = await Access.memberOf(token);
      if (!member) throw new Error("the access token of the bench is not valid");
      const input = { ...CONTRIBUTION, skill_ids: [], metadata: {} };
      contribution = (await Actor.run(member, Id.unordered(), () => Contribution.create(input))).id;
    }
  } finally {
    stop();
    await Db.close();
  }
  return { contribution, sent };
}

/** Whether a value is the time by which the statement must reach the database. */
const isDeadline = (value: unknown) => typeof value === "string" && Date.parse(value) > Date.now() + 1_000;

/** pgbench would read the colons of a time's format as variables, in strings too. */
const escaped = (text: string) => text.replaceAll("HH24:MI:SS", "HH24:' || 'MI:' || 'SS");
