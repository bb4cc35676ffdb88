/**
 * The notifications that the committed acts must have caused: a row for each, with its kind, recipient and subject.
 * This SQL reads other tables than the platform's own statement: assignments, reasons, votes, evidence.
 */
const DUE = `with place as (
    select place.*, task.creator_id, task.starts_at from task_assignments place join tasks task on task.id = place.task_id),
  due as (
    select 'task_claimed' as kind, creator_id as user_id, task_id as subject from place where assigned_by = user_id
    union all select 'task_assigned', user_id, task_id from place where assigned_by <> user_id
    union all select 'task_given_back', creator_id, task_id from comments join tasks on tasks.id = task_id
      where kind = 'unassign' and author_id <> creator_id
    union all select 'task_unassigned', text::uuid, task_id from comments join tasks on tasks.id = task_id
      where kind = 'unassign' and author_id = creator_id
    union all select 'cannot_come', creator_id, task_id from place where ended_as = 'cannot_come'
    union all select 'claim_expired', recipient, task_id from place, unnest(array[creator_id, user_id]) recipient where ended_as = 'expired'
    union all select 'task_cancelled', user_id, task_id from place where ended_as = 'cancelled'
    union all select 'task_completed', creator_id, made.id from contributions made join tasks on tasks.id = made.task_id
    union all select 'marked_absent', user_id, task_id from place where was_present = false
    union all select lead.kind, user_id, task_id from place, (values ('task_tomorrow', interval '24 hours'), ('task_soon', interval '1 hour')) lead (kind, ahead)
      where assigned_at < starts_at - ahead and starts_at - ahead < timestamptz '2026-01-01T04:00:00Z'
        and coalesce(least(started_at, ended_at), 'infinity') > starts_at - ahead
    union all select case when vote.is_last and work.decided_at is not null then 'contribution_decided' else 'vote_received' end, work.user_id, work.id
      from (select contribution_id, row_number() over (partition by contribution_id order by id desc) = 1 as is_last from verifications) vote
      join contributions work on work.id = vote.contribution_id
    union all select 'evidence_waiting', work.user_id, piece.id from evidence piece join contributions work on work.id = piece.contribution_id
      where piece.submitted_by <> work.user_id
    union all select 'evidence_refused', submitted_by, id from evidence where refusal_code = 'CONSENT_DECLINED'
    union all select 'witness_asked', witness_id, piece.id from witnesses join evidence piece on piece.id = evidence_id
      where piece.status = 'accepted' and witness_id <> submitted_by
    union all select 'witness_answered', submitted_by, piece.id from witnesses join evidence piece on piece.id = evidence_id
      where has_confirmed and witness_id <> submitted_by
    union all select 'vouch_received', vouchee_id, voucher_id from vouches
    union all select distinct 'comment_received', recipient, comment.id from comments comment
      join contributions work on work.id = comment.contribution_id
      left join comments earlier on earlier.contribution_id = work.id and earlier.id < comment.id and coalesce(earlier.hidden_at, 'infinity') > comment.created_at,
      unnest(array[work.user_id, earlier.author_id]) recipient where recipient <> comment.author_id
    union all select 'content_hidden', author_id, id from comments where hidden_at is not null
    union all select 'report_decided', reporter_id, target_id from reports where status = 'resolved'
    union all select 'invitation_accepted', invited_by, accepted_by from invitations where accepted_at is not null)`;

/**
 * Kinds, recipients and subjects for which the number of notifications in the feed differs from the number that is due.
 */
export const UNEVEN = `${DUE}
  select kind, user_id, subject, due, notices from
    (select kind, user_id, subject, count(*)::int as due from due group by 1, 2, 3) due
    full join (select kind, user_id, coalesce(comment_id, evidence_id, contribution_id, task_id, actor_id) as subject, count(*)::int as notices
      from notifications where in_feed and kind <> 'verification_waiting' group by 1, 2, 3) feed using (kind, user_id, subject)
  where due is distinct from notices`;

/**
 * Verifiers with more than one notification about waiting contributions, and verifiers without such a notification
 * although a contribution with accepted evidence waits for their vote.
 */
export const WAITING = `select verifier.id, notices from users verifier,
    lateral (select count(*)::int as notices from notifications where user_id = verifier.id and kind = 'verification_waiting') feed
  where 'verifier' = any(roles) and (notices > 1 or notices = 0 and exists (
    select from evidence piece join contributions work on work.id = piece.contribution_id
    where piece.status = 'accepted' and verifier.id not in (work.user_id, piece.submitted_by)
      and not exists (select from verifications where contribution_id = work.id and verifier_id = verifier.id)))`;
