/**
 * SQL statements of the peers, without accounts, limits, validation or audit. They read and write all data of our
 * responses: `sameList` (http.ts) compares the pages.
 */
const OWN = `t.id, t.creator_id, t.assignee_id, t.title, t.description, t.difficulty, t.status, t.location, t.latitude, t.longitude,
    t.estimated_hours::float8, t.metadata, t.created_at, t.updated_at, t.started_at, t.completed_at, t.cancelled_at,
    array(select skill_id from task_skills where task_id = t.id order by skill_id) as skill_ids`;
const FILTERS = { cursor: (n: number) => `t.id < $${n}`, status: (n: number) => `t.status = $${n}` };
export type Filter = keyof typeof FILTERS;

/** Returns the statement for 20 tasks and one more. @param filters the filters with a value, in the order of the values */
export const page = (from: string, filters: readonly Filter[]): string =>
  `${from} where ${["t.hidden_at is null", ...filters.map((name, index) => FILTERS[name](index + 1))].join(" and ")} order by t.id desc limit 21`;

/** Tasks with the columns of their own table: less than our response has. */
export const BARE_TASKS = `select ${OWN} from tasks t`;

/** Tasks with all fields of our response: the people of each task are joined. */
export const TASKS = `
  select ${OWN}, t.coordinates_precision_km, t.people_needed, t.places_taken, t.starts_at, t.ends_at, t.claim_hours, t.repeats, t.repeat_of,
    creator.username as creator_username, creator.display_name as creator_display_name, creator.avatar as creator_avatar,
    creator.deleted_at as creator_deleted_at, assignee.username as assignee_username, assignee.display_name as assignee_display_name,
    assignee.avatar as assignee_avatar, assignee.deleted_at as assignee_deleted_at, places.people
  from tasks t
    join users creator on creator.id = t.creator_id
    left join users assignee on assignee.id = t.assignee_id
    left join lateral (
      select json_agg(json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar', u.avatar,
        'deleted_at', u.deleted_at, 'started_at', a.started_at, 'ended_at', a.ended_at, 'claim_expires_at', a.claim_expires_at) order by a.id) as people
      from task_assignments a join users u on u.id = a.user_id
      where a.task_id = t.id and (a.ended_at is null or a.ended_as = 'completed')
    ) places on true`;

export const INSERT_CONTRIBUTION = `
  insert into contributions (id, user_id, contribution_type, title, description) values ($1, $2, $3, $4, $5)
  returning *, (select json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar_url', '/v1/avatars/' || u.avatar,
    'is_deleted', u.deleted_at is not null) from users u where u.id = user_id) as "user"`;
export const NEXT_SEQUENCE =
  "insert into event_subjects (subject, last_sequence) values ($1, 1) on conflict (subject) do update set last_sequence = event_subjects.last_sequence + 1 returning last_sequence";
export const INSERT_EVENT =
  "insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, published_at) values ($1, 'contribution_created', $2, $3, $4, 'bench', $5, $6)";
export const MARK_PUBLISHED = "update webhook_events set published_at = now() where id = $1";
/** Inserts a contribution with its event in one statement. */
export const ONE_STATEMENT = `
  with made as (${INSERT_CONTRIBUTION}),
    subject as (insert into event_subjects (subject, last_sequence) values ($6, 1) returning subject),
    event as (insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, published_at)
      select $7, 'contribution_created', subject, 1, $2, 'bench', $8, now() from subject)
  select * from made`;
