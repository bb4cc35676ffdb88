import type postgres from "postgres";

const USERS = 1_000;
const SKILLS = 50;
const DESCRIPTION =
  "Bring a shovel and gloves; we start at the mosque at seven and clear the drain up to the rice fields. ";

const id = (n: string) => `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/** Fills an empty database with members, skills and tasks; each task has two skills, and three of four an assignee. */
export async function fill(sql: postgres.Sql, tasks: number): Promise<void> {
  const steps = [
    `insert into users (id, username, email, password_hash) select ${id("n")}, 'bench-' || n, 'bench' || n || '@example.org', 'x' from generate_series(1, ${USERS}) n`,
    `insert into skills (id, name, category) select ${id("n")}, 'Skill ' || n, 'category ' || n % 10 from generate_series(1, ${SKILLS}) n`,
    `insert into tasks (id, creator_id, title, description, difficulty, status, assignee_id, location, latitude, longitude, metadata)
     select ${id("n")}, ${id(`1 + n % ${USERS}`)}, 'Clear the drain of lane ' || n, '${DESCRIPTION}' || n,
       (array['easy','intermediate','hard'])[1 + n % 3], (array['open','assigned','in_progress','completed'])[1 + n % 4],
       case when n % 4 > 0 then ${id(`1 + n % ${USERS}`)} end, 'Lane ' || n % 1000, -6.9, 107.6, '{"priority":"normal"}'
     from generate_series(1, ${tasks}) n`,
    `insert into task_skills (task_id, skill_id) select ${id("n")}, ${id(`1 + (n + k) % ${SKILLS}`)} from generate_series(1, ${tasks}) n, generate_series(0, 1) k`,
    `insert into task_assignments (id, task_id, user_id, assigned_by, started_at, ended_at, ended_as)
     select ${id("n")}, ${id("n")}, ${id(`1 + n % ${USERS}`)}, ${id(`1 + n % ${USERS}`)}, case when n % 4 > 1 then now() end,
       case when n % 4 = 3 then now() end, case when n % 4 = 3 then 'completed' end
     from generate_series(1, ${tasks}) n where n % 4 > 0`,
  ];
  await sql.begin(async (tx) => {
    await tx.unsafe("set local session_replication_role = replica");
    for (const step of steps) await tx.unsafe(step);
  });
  await sql.unsafe("vacuum analyze");
}

/** Returns the id of the n-th task or member. */
export const idOf = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
