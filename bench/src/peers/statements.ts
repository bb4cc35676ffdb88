/** SQL statements of the peers. They read only the data for the response, without accounts, limits, validation or audit. */
export const LIST = `
  select id, creator_id, assignee_id, title, description, difficulty, status, location, latitude, longitude, estimated_hours,
    metadata, created_at, updated_at, started_at, completed_at, cancelled_at,
    array(select skill_id from task_skills where task_id = tasks.id order by skill_id) as skill_ids
  from tasks
  where hidden_at is null and ($1::uuid is null or id < $1) and ($2::text is null or status = $2)
  order by id desc limit 21`;

export const INSERT_CONTRIBUTION =
  "insert into contributions (id, user_id, contribution_type, title, description) values ($1, $2, $3, $4, $5) returning *";
export const NEXT_SEQUENCE =
  "insert into event_subjects (subject, last_sequence) values ($1, 1) on conflict (subject) do update set last_sequence = event_subjects.last_sequence + 1 returning last_sequence";
export const INSERT_EVENT =
  "insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, published_at) values ($1, 'contribution_created', $2, $3, $4, 'bench', $5, now())";
/** Inserts a contribution with its event in one statement. */
export const ONE_STATEMENT = `
  with made as (${INSERT_CONTRIBUTION}),
    subject as (insert into event_subjects (subject, last_sequence) values ($6, 1) returning subject),
    event as (insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, published_at)
      select $7, 'contribution_created', subject, 1, $2, 'bench', $8, now() from subject)
  select * from made`;
