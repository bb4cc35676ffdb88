import type { Attestation, Notification } from "@gotong/client";
import { useEffect } from "preact/hooks";
import { act } from "../../data/acts.ts";
import { changed, useList } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { readUnread, unread } from "../../data/unread.ts";
import { go } from "../../router.ts";
import { ago, t } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Heading, Items, Loading, say } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";

/** The member's notifications, newest first, and the attestations that wait for their answer. */
export function NotificationsPage() {
  const list = useList("listNotifications", {});
  const count = useSignal(unread);
  const submission = useSubmit();
  useEffect(() => void readUnread(), [list.value]);
  const newest = list.value?.[0]?.id;
  const readAll = () =>
    submission.run(async () => {
      if (newest === undefined) return;
      const answer = await client.call("readNotifications", { body: { up_to: newest } });
      unread.set(answer.unread_count);
      changed();
    });
  return (
    <>
      <Heading text={t("notifications")} />
      <Problem error={submission.error} />
      <div class="row between">
        <a href="/me/notifications">{t("notifications_change")}</a>
        {count > 0 && newest !== undefined && (
          <button class="second" type="button" aria-disabled={submission.isDisabled} onClick={() => void readAll()}>
            {t("notifications_read")}
          </button>
        )}
      </div>
      <Asked />
      {list.isStale && <p class="soft">{t("stale_notice")}</p>}
      <Items list={list} empty={t("notifications_none")}>
        {(one) => <Shows notice={one} />}
      </Items>
    </>
  );
}

/** The path of the page to which a notification leads. */
function pathOf({ kind, task_id, contribution_id }: Notification): string {
  if (contribution_id !== null) return `/contributions/${contribution_id}`;
  if (task_id !== null) return `/tasks/${task_id}`;
  if (kind === "invitation_accepted") return "/me/invitations";
  // Hidden content that is neither a task nor a contribution is the profile picture.
  return kind === "content_hidden" ? "/me/profile" : "/me";
}

function sentenceOf({ kind, actor, title, outcome }: Notification): string {
  const name = actor?.is_deleted === true ? t("former_member") : (actor?.display_name ?? actor?.username);
  const values = { actor: name ?? t("notice_member"), title: title ?? t("notice_hidden") };
  if (kind === "contribution_decided" && outcome === "verified")
    return t("notice_contribution_decided_verified", values);
  return t(`notice_${kind}`, values);
}

/** Marks a notification as read when it is opened. Without a network the notification stays unread. */
async function markRead({ id, read_at }: Notification): Promise<void> {
  if (read_at !== null) return;
  unread.set(Math.max(0, unread.value - 1));
  await client.call("readNotification", { path: { notification_id: id } });
  // Reads the count again, since an earlier request may have returned an outdated one.
  await readUnread();
}

function Shows({ notice }: { notice: Notification }) {
  return (
    <a class="card" href={pathOf(notice)} onClick={() => void markRead(notice).catch(() => undefined)}>
      <div class="row between">
        <span class="soft">{ago(notice.created_at)}</span>
        {notice.read_at === null && <span class="badge">{t("notification_new")}</span>}
      </div>
      {notice.read_at === null ? <strong>{sentenceOf(notice)}</strong> : <p>{sentenceOf(notice)}</p>}
    </a>
  );
}

/** The page of a notification that was tapped outside of the app: marks it as read and opens its content. */
export function NotificationPage({ parts }: { parts: readonly string[] }) {
  useEffect(() => {
    client.call("readNotification", { path: { notification_id: parts[0] ?? "" } }).then(
      (notice) => go(pathOf(notice), { replace: true }),
      () => go("/notifications", { replace: true }),
    );
  }, []);
  return (
    <>
      <Heading text={t("notifications")} />
      <Loading />
    </>
  );
}

function Asked() {
  const list = useList("listAttestations", {});
  if (!list.value || list.value.length === 0) return null;
  return (
    <section class="stack">
      <h2>{t("asked_title")}</h2>
      <p class="soft">{t("asked_intro")}</p>
      {list.value.map((one) => (
        <Question key={one.evidence_id} of={one} />
      ))}
    </section>
  );
}

function Question({ of }: { of: Attestation }) {
  const submission = useSubmit();
  const answer = (confirm: boolean) =>
    submission.run(async () => {
      const input = { path: { evidence_id: of.evidence_id }, body: { confirm } };
      const label = confirm ? "asked_confirm" : "asked_decline";
      const done = await act({ operation: "answerAttestation", input, label, about: of.title });
      say(t(done ? "saved" : "kept_for_later"));
    });
  return (
    <article class="card">
      <h3>
        <a href={`/contributions/${of.contribution_id}`}>{of.title}</a>
      </h3>
      {of.statement !== null && <p class="pre">“{of.statement}”</p>}
      <Problem error={submission.error} />
      <div class="row">
        <button type="button" aria-disabled={submission.isDisabled} onClick={() => void answer(true)}>
          {t("asked_confirm")}
        </button>
        <button class="second" type="button" aria-disabled={submission.isDisabled} onClick={() => void answer(false)}>
          {t("asked_decline")}
        </button>
      </div>
    </article>
  );
}
