import type postgres from "postgres";

/** Number of rows in each table that can grow. */
export const ROWS = 100_000;

/** The id of row `n`. It ends with `n`, so that ids are in the order of `n`. */
const id = (n: string) => `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

interface Part {
  /** The first and the last row to insert; by default 1 and {@link ROWS}. */
  readonly from?: number;
  readonly to?: number;
  /** The tables to fill; by default all. */
  readonly tables?: readonly string[];
}

/**
 * Fills every table with {@link ROWS} rows: half of them belong to `big`, the others to many members. Updates statistics, as
 * autovacuum does.
 * @param big a member, who also received every vouch
 */
export async function crowd(sql: postgres.Sql, big: string, { from = 1, to = ROWS, tables }: Part = {}): Promise<void> {
  const owner = `case when n % 2 = 0 then '${big}'::uuid else ${id("1 + n % 5000")} end`;
  const steps = [
    `insert into users (id, username, email, password_hash) select ${id("n")}, 'crowd-' || n, 'crowd' || n || '@example.org', 'x' from numbers`,
    `insert into skills (id, name, category) select ${id("n")}, 'Skill ' || n, 'category ' || n % 10 from numbers`,
    `insert into tasks (id, creator_id, assignee_id, title, description, difficulty, status, location, latitude, longitude, updated_at) select ${id("n")}, ${owner}, case when n % 5 > 0 then ${owner} end, 'Task ' || n, case when n % 100 = 0 then 'rare words' else 'common words' end, (array['easy','intermediate','hard'])[1 + n % 3], (array['open','assigned','in_progress','completed','cancelled'])[1 + n % 5], 'Place ' || n % 1000, -6.9 + (n::bigint * 7919 % 100000 - 50000) * 0.00001, 107.6 + (n::bigint * 104729 % 100000 - 50000) * 0.00001, now() - (${ROWS} - n) * interval '1 second' from numbers`,
    `insert into task_skills (task_id, skill_id) select ${id("n")}, ${id("1 + n % 2")} from numbers`,
    `insert into task_assignments (id, task_id, user_id, assigned_by, ended_at, ended_as, was_present, marked_by, marked_at) select ${id("n")}, ${id("n")}, ${owner}, ${owner}, now(), 'completed', n % 3 > 0, ${owner}, now() from numbers`,
    `insert into user_skills (user_id, skill_id) select ${id("n")}, ${id("1 + n % 5000")} from numbers`,
    `insert into contributions (id, user_id, task_id, contribution_type, title, verification_status, decided_at, quality_score, reputation_multiplier, updated_at, skill_ids) select ${id("n")}, ${owner}, ${id("n")}, 'custom', 'Done ' || n, (array['pending','verified'])[1 + n / 2 % 2], case when n / 2 % 2 = 1 then now() end, case when n / 2 % 2 = 1 then 0.5 end, case when n / 2 % 2 = 1 then 1 end, now() - (${ROWS} - n) * interval '1 second', array[${id("1 + n % 2")}] from numbers`,
    `insert into uploads (id, contribution_id, user_id, object_key, file_name, content_type, size_bytes, sha256, expires_at, status) select ${id("n")}, ${id("n")}, ${owner}, 'k' || n, 'f', 'image/jpeg', 60000, lpad(to_hex(n), 64, '0'), now(), case when n % 1000 = 0 then 'open' else 'used' end from numbers`,
    `insert into avatars (id, user_id, status, content_type, size_bytes, sha256, name, picture, expires_at) select ${id("n")}, ${id("n")}, (array['accepted','removed'])[1 + n % 2], 'image/jpeg', 60000, lpad(to_hex(n), 64, '0'), case when n % 2 = 0 then lpad(to_hex(n), 64, '0') end, case when n % 2 = 0 then '\\x00'::bytea end, now() from numbers`,
    `insert into evidence (id, contribution_id, submitted_by, evidence_type, status, claimed_at, latitude, longitude, decided_at) select ${id("n")}, ${id("n")}, ${owner}, 'gps_verification', 'accepted', now() - n * interval '1 minute', 1, 1, now() from numbers where n % 2 = 0`,
    `insert into evidence (id, contribution_id, submitted_by, evidence_type, status, claimed_at, media_hash, upload_id, picture_hash, picture_tokens, picture_windows, decided_at) select ${id("n")}, ${id("n")}, ${owner}, 'photo_with_timestamp', 'accepted', now(), lpad(to_hex(n), 64, '0'), ${id("n")}, substr(md5(n::text), 1, 16), array[n, n + 2097152], array[substr(md5(n::text), 1, 16)], now() from numbers where n % 2 = 1`,
    `insert into witnesses (id, evidence_id, position, witness_name, witness_id) select ${id("n")}, ${id("n")}, 1, 'W', ${id("n")} from numbers`,
    `insert into verifications (id, contribution_id, verifier_id, outcome) select ${id("n")}, ${id("n")}, ${id("1 + n % 5000")}, 'approved' from numbers`,
    `insert into proof_keys (id, public_key) values ('0000000000000000', 'x')`,
    `insert into proof_roots (number, key_id, document, stored_at) select n, '0000000000000000', '{}', now() from numbers`,
    `insert into proof_seals (contribution_id, root_number, position, head, links) select ${id("n")}, n, 0, lpad(to_hex(n), 64, '0'), '[]' from numbers`,
    `insert into proof_salts (subject_id, salt) select ${id("n")}, 's' from numbers`,
    `insert into vouches (id, voucher_id, vouchee_id) select ${id("n")}, ${id("n")}, '${big}' from numbers`,
    `insert into blocks (id, blocker_id, blocked_id) select ${id("n")}, '${big}', ${id("n")} from numbers`,
    `insert into comments (id, task_id, contribution_id, author_id, text, created_at) select ${id("n")}, case when n % 2 = 0 then ${id("n")} end, case when n % 2 = 1 then ${id("n")} end, ${owner}, 'Thank you', now() - interval '2 days' from numbers`,
    `insert into notifications (id, user_id, kind, actor_id, task_id, in_feed, for_mail, is_new, created_at, read_at) select ${id("n")}, ${owner}, 'task_claimed', ${id("5001")}, ${id("n")}, true, n % 3 = 0, false, now() - interval '2 days', case when n % 2 = 1 then now() end from numbers`,
    `insert into notification_settings (user_id, time_zone) select ${id("n")}, 'Asia/Jakarta' from numbers`,
    `insert into push_subscriptions (id, user_id, session_id, endpoint, endpoint_hash, p256dh, auth, created_at) select ${id("n")}, ${id("n")}, ${id("n")}, 'https://fcm.googleapis.com/' || n, lpad(to_hex(n), 64, '0'), 'p', 'a', now() from numbers`,
    `insert into digests (user_id, due_at) select ${id("n")}, now() + interval '1 day' from numbers`,
    `insert into reports (id, reporter_id, target_type, target_id, target_owner_id, reason, status, outcome, resolved_at, resolved_by) select ${id("n")}, ${id("n")}, (array['task','contribution','evidence','user'])[1 + n / 2 % 4], ${id("n")}, ${id("1 + n % 5000")}, (array['spam','abuse','fraud'])[1 + n % 3], (array['open','resolved'])[1 + n % 2], case when n % 2 = 1 then 'dismissed' end, case when n % 2 = 1 then now() end, case when n % 2 = 1 then ${id("1")} end from numbers`,
    `insert into sessions (id, user_id, last_used_at, expires_at) select ${id("n")}, ${owner}, now(), now() + interval '90 days' from numbers`,
    `insert into totp_secrets (user_id, secret) select ${id("n")}, 's' from numbers where n % 50 = 0`,
    `insert into recovery_codes (id, user_id, code_hash) select ${id("n")}, ${id("n")}, lpad(to_hex(n), 64, '0') from numbers where n % 50 = 0`,
    `insert into refresh_tokens (id, user_id, family_id, token_hash, expires_at) select ${id("n")}, ${id("n")}, ${id("n")}, 'h' || n, now() from numbers`,
    `insert into password_resets (id, user_id, address_hash, token_hash, expires_at) select ${id("n")}, ${id("n")}, 'a' || n, 'h' || n, now() from numbers`,
    `insert into invitations (id, email, invited_by, token_hash, expires_at, accepted_at, accepted_by) select ${id("n")}, case when n % 2 = 0 then 'guest' || n || '@example.org' end, ${owner}, 'h' || n, now() + interval '1 day', case when n % 2 = 1 then now() end, case when n % 2 = 1 then ${id("n")} end from numbers`,
    `insert into quotas (key, used, expires_at) select lpad(to_hex(n), 64, '0'), 1, now() + interval '1 day' from numbers`,
    `insert into login_failures (key, failures, forget_at) select lpad(to_hex(n), 64, '0'), 1, now() + interval '1 hour' from numbers`,
    `insert into login_addresses (key, user_id, last_used_at) select lpad(to_hex(n), 64, '0'), ${id("n")}, now() from numbers`,
    `insert into event_subjects (subject, last_sequence) select 's:' || n, 1 from numbers`,
    `insert into webhook_events (id, event_type, subject, sequence, actor_id, request_id, body, status, created_at, published_at, delivered_at) select 'evt_' || lpad(to_hex(n), 16, '0'), 'vouch_submitted', 's:' || n, 1, ${id("n")}, 'r', '{}', (array['delivered','dead'])[1 + n % 2], now() - (${ROWS} - n) * interval '1 second', now(), case when n % 2 = 0 then now() end from numbers`,
    `insert into webhook_attempts (id, event_id, attempted_at, latency_ms, status) select ${id("n")}, 'evt_' || lpad(to_hex(n), 16, '0'), now(), 1, 200 from numbers`,
    `insert into webhook_failures (id, event_id, reason, status, failed_at, redriven_at) select ${id("n")}, 'evt_' || lpad(to_hex(n), 16, '0'), 'status 422', 422, now(), case when n % 2 = 0 then now() end from numbers`,
    `insert into audit_log (id, actor_id, action, target_type, target_id, request_id) select ${id("n")}, ${owner}, (array['evidence.read','evidence.download'])[1 + n % 2], 'evidence', (${id("n % 10")})::text, 'r' from numbers`,
    `insert into idempotency_keys (scope, key, request_hash, expires_at) select 'user:' || ${id("n")}, 'k', 'h', now() + interval '1 day' from numbers`,
    `insert into former_usernames (name_hash, free_at) select lpad(to_hex(n), 64, '0'), now() + interval '1 day' from numbers`,
    `insert into erasures (user_id, username, requested_at, due_at) select ${id("n")}, 'crowd-' || n, now(), now() + interval '1 hour' from numbers`,
    `insert into reputation_cache (user_id, reputation, fetched_at) select ${id("n")}, '{}', now() from numbers`,
  ];
  await sql.begin(async (tx) => {
    // Skips foreign key checks, which would take half of the time: these rows satisfy the constraints.
    await tx.unsafe("set local session_replication_role = replica");
    await tx.unsafe(`create temporary table numbers on commit drop as select n from generate_series(${from}, ${to}) n`);
    for (const step of steps)
      if (tables?.includes(/^insert into (\w+)/.exec(step)?.[1] ?? "") ?? true) await tx.unsafe(step);
  });
  await sql.unsafe("analyze");
}
