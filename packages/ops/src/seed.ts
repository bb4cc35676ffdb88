import { createHash } from "node:crypto";
import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { onDatabase } from "./backup/tables.ts";
import { type Outcome, type Step, UsageError } from "./outcome.ts";

const whole = (name: string, least: number, most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, `--${name} must be a whole number`),
    v.transform(Number),
    v.minValue(least, `--${name} must be at least ${least}`),
    v.maxValue(most, `--${name} must be at most ${most}`),
  );
const Options = v.object({
  members: v.optional(whole("members", 1, 1_000_000), "100"),
  seed: v.optional(whole("seed", 0, 999_999_999), "1"),
  dryRun: v.optional(v.boolean(), false),
});

const PLACES = ["Bandung", "Solo", "Makassar", "Ende", "Padang", "Ambon", "Malang", "Kupang"];
const WORKS = [
  "Repair the bridge",
  "Clean the canal",
  "Teach reading",
  "Cook for the clinic",
  "Paint the school",
  "Plant mangroves",
];
const SKILLS = ["Carpentry", "First aid", "Cooking", "Teaching", "Masonry", "Gardening", "Accounting", "Driving"];
/** Number of tasks for each member, as in a year of 10,000 users (docs/spec/infrastructure.md §7). */
const TASKS_PER_MEMBER = 5;
const CONTRIBUTIONS_PER_MEMBER = 10;
const VOUCHES_PER_MEMBER = 5;

/**
 * `gotong seed` creates members who cannot sign in (their password hash matches no password), with skills, tasks,
 * contributions and vouches. The same numbers create the same community. No event is sent to Markov.
 * @throws UsageError; Error on a stage, or if the database already has members
 */
export async function seed(given: unknown, step: Step): Promise<Outcome> {
  const parsed = v.safeParse(Options, given);
  if (!parsed.success) throw new UsageError(v.summarize(parsed.issues));
  const { members, seed: chosen, dryRun } = parsed.output;
  const stage = Config.section("service").STAGE;
  if (/^(production|staging|tenant-)/.test(stage)) throw new Error(`${stage} serves people: it gets no demo community`);
  const counts = {
    members,
    skills: SKILLS.length,
    tasks: members * TASKS_PER_MEMBER,
    contributions: members * CONTRIBUTIONS_PER_MEMBER,
    vouches: members > VOUCHES_PER_MEMBER ? members * VOUCHES_PER_MEMBER : 0,
  };
  const words = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  if (dryRun) return { text: `would make ${words.join(", ")}\nnothing was done\n`, data: counts };
  const statements = statementsOf(counts, chosen);
  await onDatabase(Config.section("database").DATABASE_URL, async (sql) => {
    await sql.begin(async (tx) => {
      await tx`lock table users in share row exclusive mode`;
      const [present] = await tx`select count(*)::int as n from users`;
      if (Number(present?.["n"]) > 0)
        throw new Error("the database has members already: the demo community is for an empty one");
      for (const [kind, statement] of statements) {
        await tx.unsafe(statement);
        step.progress(kind);
      }
    });
    await sql`analyze`;
  });
  return { text: `made ${words.join(", ")}\n`, data: counts };
}

function statementsOf(
  {
    members,
    tasks,
    contributions,
    vouches,
  }: Readonly<Record<"members" | "tasks" | "contributions" | "vouches", number>>,
  chosen: number,
): readonly (readonly [kind: string, statement: string])[] {
  // Ids and random decisions come from a hash of the seed, the kind and the number, so that a run is reproducible.
  const salt = createHash("sha256").update(`gotong seed ${chosen}`).digest("hex");
  const hash = (kind: string, n: string) => `md5('${salt} ${kind} ' || ${n})`;
  const id = (kind: string, n: string) =>
    `(overlay(overlay(${hash(kind, n)} placing '7' from 13) placing '8' from 17))::uuid`;
  const chance = (kind: string, n: string, of: number) =>
    `('x' || substr(${hash(kind, n)}, 1, 7))::bit(28)::int % ${of}`;
  const pick = (kind: string, list: readonly string[]) =>
    `(array[${list.map((one) => `'${one}'`).join(", ")}])[1 + ${chance(kind, "n", list.length)}]`;
  const member = (kind: string) => id("member", `(1 + ${chance(kind, "n", members)})`);
  const past = (kind: string) => `now() - (${chance(kind, "n", 365 * 24)}) * interval '1 hour'`;
  const numbers = (count: number) => `from generate_series(1, ${count}) n`;
  return [
    [
      "members",
      `insert into users (id, username, email, email_verified_at, password_hash, roles, bio, created_at)
       select ${id("member", "n")}, 'demo-' || n, 'demo-' || n || '@example.org', now(), 'unusable',
         case when n = 1 then array['contributor', 'admin'] when n % 20 = 0 then array['contributor', 'verifier'] else array['contributor'] end,
         'Neighbour in ' || ${pick("place", PLACES)}, ${past("joined")} ${numbers(members)}`,
    ],
    [
      "skills",
      `insert into skills (id, name, category) select ${id("skill", "n")}, (array[${SKILLS.map((one) => `'${one}'`).join(", ")}])[n], 'demo' ${numbers(SKILLS.length)}`,
    ],
    [
      "tasks",
      `insert into tasks (id, creator_id, title, description, difficulty, status, location, created_at)
       select ${id("task", "n")}, ${member("creator")}, ${pick("work", WORKS)}, 'Bring water and good shoes.',
         ${pick("difficulty", ["easy", "intermediate", "hard"])}, 'open', ${pick("place", PLACES)}, ${past("task")} ${numbers(tasks)}`,
    ],
    [
      "contributions",
      `insert into contributions (id, user_id, contribution_type, title, verification_status, created_at)
       select ${id("contribution", "n")}, ${member("contributor")}, 'custom', ${pick("work", WORKS)}, 'pending', ${past("contribution")} ${numbers(contributions)}`,
    ],
    [
      "vouches",
      // Each member vouches for the members with the next numbers: never for themselves, and each pair occurs once.
      `insert into vouches (id, voucher_id, vouchee_id)
       select ${id("vouch", "n")}, ${id("member", `(1 + (n - 1) % ${members})`)},
         ${id("member", `(1 + ((n - 1) % ${members} + 1 + (n - 1) / ${members}) % ${members})`)} ${numbers(vouches)}`,
    ],
  ];
}
