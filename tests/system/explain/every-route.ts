import { randomUUID } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { expect } from "vitest";
import { EmailChange, Mfa } from "@gotong/core/domain/account/index.ts";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Reconcile, Redrive, measureBacklog, recordOutcomes } from "@gotong/core/webhook/index.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Erasure } from "@gotong/core/domain/account/erasure/index.ts";
import { Acceptance } from "@gotong/core/domain/invitation/accept.ts";
import { Invitation } from "@gotong/core/domain/invitation/index.ts";
import { EmailProof } from "@gotong/core/domain/user/index.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { UnusedUploads } from "@gotong/core/domain/evidence/unused-uploads.ts";
import { Digests } from "@gotong/core/domain/notification/digests.ts";
import { Pushes } from "@gotong/core/domain/notification/pushes.ts";
import { Reminders } from "@gotong/core/domain/task/reminders.ts";
import { PushSubscriptions } from "@gotong/core/domain/notification/subscriptions.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Leftovers } from "@gotong/core/outbox/index.ts";
import { examine as examineAvatar } from "@gotong/core/domain/avatar/examine.ts";
import { AvatarQueue } from "@gotong/core/domain/avatar/queue.ts";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { freshPassword, taskInput } from "../../harness/factories.ts";
import type { Answer, Person, Platform } from "../../harness/platform.ts";
import { Device } from "../../harness/push-service.ts";
import { photograph, put } from "../../harness/scenes.ts";

/** Calls every route and worker once, so that each of their queries is sent. */
export async function everyRoute(platform: Platform): Promise<void> {
  const ok = (answer: Answer): Answer => {
    expect(answer.status, JSON.stringify(answer.json)).toBeLessThan(300);
    return answer;
  };
  const id = (answer: Answer) => String(ok(answer).json["id"]);
  const [member, creator, other] = [await platform.person(), await platform.person(), await platform.person()];
  const [verifier, admin] = [await platform.person(["verifier"]), await platform.person(["admin"])];
  const auth = (path: string, body: object) => platform.request("POST", `/v1/auth/${path}`, { body });
  const login = { email: member.email, password: member.password };

  await auth("login", { ...login, password: "wrong" });
  ok(await auth("login", login));
  ok(await auth("refresh", { refresh_token: member.refreshToken }));
  ok(await auth("refresh", { refresh_token: member.refreshToken }));
  ok(await auth("logout", { refresh_token: other.refreshToken }));
  ok(await auth("password-resets", { email: member.email }));
  await auth("password-resets/confirm", { token: "x", password: "a long enough phrase" });
  ok(await auth("email-proofs", { email: member.email }));
  await auth("email-proofs/confirm", { token: EmailProof.tokenOf(member) });
  const guest = (name: string) => ({ username: name, email: `${name}@example.org`, password: freshPassword() });
  const asOperator = <T>(work: () => Promise<T>) =>
    Actor.run({ type: "system", name: Actor.COMMAND_LINE }, randomUUID(), work);
  const { token } = await asOperator(() => Invitation.createAsOperator("guest-one@example.org"));
  ok(await auth("register", { ...guest("guest-one"), invitation: token }));
  await Acceptance.inviterOf(member.id);
  const invitation = id(await admin.post("/v1/invitations", { email: "guest-two@example.org" }));
  ok(await admin.get("/v1/invitations"));
  const { next_cursor } = ok(await admin.get("/v1/invitations?limit=1")).json;
  ok(await admin.get(`/v1/invitations?cursor=${String(next_cursor)}`));
  ok(await member.get("/v1/invitations"));
  ok(await admin.send("DELETE", `/v1/invitations/${invitation}`));
  const link = ok(await admin.post("/v1/invitations", { uses: 2 })).json;
  ok(await auth("register", { ...guest("guest-three"), invitation: String(link["token"]) }));

  const skill = id(await admin.post("/v1/skills", { name: `Walls ${randomUUID()}`, category: "craft" }));
  ok(await member.send("PATCH", "/v1/me", { bio: "Builds.", skill_ids: [skill] }));
  ok(await member.send("PATCH", "/v1/me", { display_name: "Ibu Sari", location: "Bandung", language: "id" }));
  ok(await verifier.get("/v1/verification-queue"));
  ok(await member.get("/v1/vouches?voucher=me"));
  ok(await member.get("/v1/tasks?q=membersihkn"));
  ok(await member.get("/v1/tasks?near=-6.9,107.6"));
  ok(await member.get("/v1/users?q=ibu"));
  ok(await member.get(`/v1/users?ids=${member.id},${other.id}`));
  const draft = taskInput({ title: "Wall", skill_ids: [skill] });
  const task = `/v1/tasks/${id(await creator.post("/v1/tasks", draft))}`;
  ok(await creator.send("PATCH", task, { title: "Walls", skill_ids: [skill] }));
  ok(await creator.post(`${task}/assign`, { user_id: other.id }));
  ok(await creator.post(`${task}/unassign`));
  const shared = `/v1/tasks/${id(await creator.post("/v1/tasks", { ...draft, people_needed: 3, claim_hours: 1, repeats: "weekly" }))}`;
  ok(await member.post(`${shared}/claim`));
  ok(await creator.post(`${shared}/assign`, { user_id: other.id }));
  ok(await creator.post(`${shared}/unassign`, { user_id: other.id }));
  ok(await creator.get(`${shared}/attendance`));
  const later = new Date(Date.now() + 3_600_000).toISOString();
  ok(await creator.send("PATCH", shared, { starts_at: later }));
  ok(await creator.send("PATCH", shared, { starts_at: null }));
  ok(await creator.post(`${shared}/attendance`, { user_id: member.id, was_present: false }));
  ok(await member.get(`${shared}/attendance?limit=1`));
  ok(await verifier.post(`${shared}/claim`));
  ok(await verifier.post(`${shared}/cannot-come`, { reason: "Ill." }));
  await platform.sql`update task_assignments set remind_at = now() where user_id = ${member.id}`;
  await asOperator(() => Reminders.run());
  ok(await creator.post(`${shared}/close`));
  ok(await member.post(`${shared}/start`));
  ok(await member.post(`${shared}/complete`));
  ok(await member.get("/v1/tasks?assignee=me&status=open,assigned"));
  ok(await member.post(`${task}/claim`));
  await other.post(`${task}/claim`);
  ok(await member.post(`${task}/start`));
  const contribution = `/v1/contributions/${id(await member.post(`${task}/complete`))}`;
  ok(await creator.post(`/v1/tasks/${id(await creator.post("/v1/tasks", draft))}/cancel`, { reason: "It rains." }));
  for (const target of [task, contribution]) {
    const comment = `/v1/comments/${id(await member.post(`${target}/comments`, { text: "Thank you" }))}`;
    ok(await creator.get(`${target}/comments`));
    ok(await creator.get(comment));
    ok(await member.send("PATCH", comment, { text: "Thank you!" }));
    ok(await creator.post(`${comment}/reports`, { reason: "spam" }));
    ok(await admin.post(`${comment.replace("/v1/", "/v1/admin/")}/hide`, { reason: "Spam" }));
    ok(await admin.post(`${comment.replace("/v1/", "/v1/admin/")}/unhide`));
  }
  ok(await creator.get("/v1/notifications"));
  ok(await creator.get("/v1/notifications?unread=true"));
  const newest = ok(await creator.get("/v1/notifications?limit=1")).json["data"]?.[0];
  ok(await creator.post(`/v1/notifications/${String(newest?.["id"])}/read`));
  ok(await creator.post("/v1/notifications/read", { up_to: newest?.["id"] }));
  ok(await creator.post("/v1/notifications/read", {}));
  ok(await creator.get("/v1/me/notification-settings"));
  // Enables pushes and the public list, which are off in most tests.
  Config.use({
    ...platform.variables,
    PUSH_KEY: "a push key of the tests that calls every route",
    OPEN_TASKS: "true",
  });
  ok(await platform.request("GET", "/v1/open-tasks"));
  const device = id(await creator.post("/v1/me/push-subscriptions", new Device().subscription));
  await member.post(`${task}/comments`, { text: "On my way" });
  for (const work of [Pushes.run, Digests.run]) await asOperator(work);
  Config.use(platform.variables);
  await PushSubscriptions.forget(device);
  ok(await creator.send("DELETE", `/v1/me/push-subscriptions/${device}`));
  ok(await creator.send("PATCH", "/v1/me/notification-settings", { time_zone: "Asia/Makassar" }));
  ok(await member.post("/v1/contributions", { contribution_type: "custom", title: "Direct", skill_ids: [skill] }));

  const photo = photograph();
  const ticket = ok(await member.post(`${contribution}/uploads`, photo.declared));
  const upload = `/v1/uploads/${String(ticket.json["upload_id"])}`;
  ok(await member.post(`${upload}/parts`, { parts: [{ part_number: 1, sha256: photo.declared.sha256 }] }));
  ok(await member.get(upload));
  await put(ticket, photo.bytes);
  const timestamp = new Date().toISOString();
  const submit = async (body: object) => id(await member.post(`${contribution}/evidence`, body));
  const pictured = await submit({
    evidence_type: "photo_with_timestamp",
    proof: { timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  const unused = ok(await member.post(`${contribution}/uploads`, photograph().declared));
  await submit({ evidence_type: "gps_verification", proof: { timestamp, location: { lat: 1, lon: 1 } } });
  const witness = await platform.person();
  const witnesses = [{ witness_name: "W", witness_id: witness.id }];
  const attested = await submit({ evidence_type: "witness_attestation", proof: { timestamp, witnesses } });
  ok(await witness.get("/v1/me/attestations"));
  ok(await witness.post(`/v1/evidence/${attested}/attestation`, { confirm: true }));
  expect(await examine(pictured)).toBe("accepted");
  await examine(await refusable(member, contribution));
  ok(await verifier.get(`/v1/evidence/${pictured}`));
  ok(await verifier.get(`/v1/evidence/${pictured}/download`));
  ok(await verifier.get(`/v1/evidence/${pictured}/thumbnail`));
  ok(await verifier.get(contribution));
  ok(await verifier.get(`${contribution}/proof`));
  const added = async () => {
    const body = { evidence_type: "gps_verification", proof: { timestamp, location: { lat: 1, lon: 1 } } };
    return `/v1/evidence/${id(await creator.post(`${contribution}/evidence`, body))}`;
  };
  ok(await member.post(`${await added()}/consent`, { accept: true }));
  ok(await member.post(`${await added()}/withdraw`, { reason: "Of another place" }));
  ok(await verifier.get(`${contribution}/evidence?limit=1`));
  ok(await verifier.get(`${contribution}/verifications?limit=1`));
  ok(await verifier.post(`${contribution}/verifications`, { outcome: "approved" }));
  for (const more of [await platform.person(["verifier"]), await platform.person(["verifier"])])
    ok(await more.post(`${contribution}/verifications`, { outcome: "approved" }));

  const portrait = photograph();
  const { file_name: _name, ...face } = portrait.declared;
  const granted = ok(await member.post("/v1/me/avatar/uploads", face));
  await put(granted, portrait.bytes);
  const choice = { upload_id: granted.json["upload_id"] };
  ok(await member.send("PUT", "/v1/me/avatar", choice));
  await AvatarQueue.enqueueOverdue();
  expect(await examineAvatar(String(choice.upload_id))).toBe("accepted");
  await platform.sql`update avatars set updated_at = now() - interval '1 hour', expires_at = now() - interval '1 hour' where id = ${String(choice.upload_id)}`;
  await AvatarQueue.enqueueOverdue();
  await examineAvatar(String(choice.upload_id));
  const shown = ok(await member.get("/v1/me/avatar"));
  expect((await platform.request("GET", String(shown.json["avatar_url"]))).status).toBe(200);
  ok(await admin.post(`/v1/admin/users/${member.id}/avatar/hide`, { reason: "It shows a child." }));
  ok(await admin.post(`/v1/admin/users/${member.id}/avatar/unhide`));
  ok(await member.send("DELETE", "/v1/me/avatar"));

  for (const path of [task, contribution, `/v1/evidence/${pictured}`]) {
    const underAdmin = path.replace("/v1/", "/v1/admin/");
    ok(await admin.post(`${underAdmin}/hide`, { reason: "It names a child." }));
    expect((await verifier.get(path)).status).toBe(404);
    ok(await admin.post(`${underAdmin}/unhide`));
  }

  const reports = [task, contribution, `/v1/evidence/${pictured}`, `/v1/users/${member.id}`];
  for (const path of reports) {
    const report = `/v1/admin/reports/${id(await verifier.post(`${path}/reports`, { reason: "spam" }))}`;
    ok(await admin.get(report));
    ok(await admin.post(`${report}/resolve`, { outcome: "warned", include_same_target: path === task }));
  }
  ok(await member.send("PUT", `/v1/me/blocks/${creator.id}`));
  ok(await member.get("/v1/me/blocks"));
  ok(await member.send("DELETE", `/v1/me/blocks/${creator.id}`));

  ok(await member.post("/v1/vouches", { vouchee_id: other.id, skill_id: skill }));
  await Cache.close();
  platform.markov.misbehave({ count: 1, path: "reputation", status: 500 });
  ok(await member.get(`/v1/users/${other.id}/reputation`));
  ok(await member.get(`/v1/users/${member.id}/reputation`));

  const [event] = await platform.sql`select id from webhook_events where actor_id = ${member.id} limit 1`;
  for (const result of ["retrying", "dead"] as const)
    await recordOutcomes([
      {
        attempt_id: randomUUID(),
        event_id: String(event?.["id"]),
        result,
        attempted_at: timestamp,
        latency_ms: 1,
        status: 422,
        error: null,
        response_head: null,
      },
    ]);
  const [failure] = await platform.sql`select id from webhook_failures where event_id = ${String(event?.["id"])}`;
  ok(await admin.post(`/v1/admin/webhook-failures/${String(failure?.["id"])}/redrive`));
  ok(await admin.post("/v1/admin/webhook-failures/redrive", { status: 422, failed_from: timestamp }));
  ok(await admin.send("PUT", `/v1/admin/users/${other.id}/roles`, { roles: ["verifier"] }));
  await Leftovers.publishLeftovers();
  await EvidenceQueue.enqueueOverdue(0);
  await Retention.removeExpired();
  await platform.sql`update uploads set created_at = now() - interval '8 days' where id = ${String(unused.json["upload_id"])}`;
  expect(await asOperator(UnusedUploads.end)).toMatchObject({ ended: 1 });
  expect(await UnusedUploads.erase()).toBe(1);
  await measureBacklog();
  await Actor.run({ type: "system", name: Actor.COMMAND_LINE }, randomUUID(), async () => {
    await Redrive.waiting({}, 10);
    await Redrive.redrivable({}, 10);
    await Reconcile.page("", true);
  });
  await Leftovers.forgetPublications();
  ok(await member.get("/v1/me/export"));
  await secondFactor(platform, admin);
  const email = `new.${randomUUID().slice(0, 8)}@example.org`;
  ok(await verifier.post("/v1/me/email", { email, password: verifier.password }));
  const [account] = await platform.sql`select password_hash from users where id = ${verifier.id}`;
  const present = { id: verifier.id, email: verifier.email, passwordHash: String(account?.["password_hash"]) };
  ok(await auth("email-changes/confirm", { token: EmailChange.tokenOf(present, email) }));
  const second = ok(await auth("login", login));
  ok(await member.send("DELETE", `/v1/me/sessions/${await sessionOf(platform, second)}`));
  await member.send("POST", "/v1/me/password", { current_password: "wrong", new_password: "an entirely new phrase" });
  ok(
    await creator.post("/v1/me/password", {
      current_password: creator.password,
      new_password: "an entirely new phrase",
    }),
  );
  ok(await member.send("DELETE", "/v1/me/sessions"));
  ok(await member.send("DELETE", "/v1/me", { password: member.password }));
  await Erasure.enqueueOverdue();
  await erase(member.id);
}

/** Runs all steps of an erasure, including those that are due later. */
async function erase(userId: string): Promise<void> {
  const restore = Clock.set(() => new Date(Date.now() + 3_600_000));
  const done = await Actor.run({ type: "system", name: "test" }, randomUUID(), () => Erasure.work(userId));
  restore();
  expect(done).toBe("done");
}

/** Enrols an authenticator app, signs in with it, and removes it in each possible way. */
async function secondFactor(platform: Platform, admin: Person): Promise<void> {
  const { email, password } = admin;
  await admin.post("/v1/me/mfa/totp", { password });
  const begun = await admin.post("/v1/me/mfa/totp", { password });
  const app = new TOTP({ secret: Secret.fromBase32(String(begun.json["secret"])) });
  const code = (seconds = 0) => app.generate({ timestamp: Date.now() + seconds * 1000 });
  const confirmed = await admin.post("/v1/me/mfa/totp/confirm", { code: code(-30) });
  expect(confirmed.status).toBe(200);
  const body = { email, password, mfa_code: code() };
  expect((await platform.request("POST", "/v1/auth/login", { body })).status).toBe(200);
  await platform.request("POST", "/v1/auth/login", { body });
  const again = await admin.post("/v1/me/mfa/recovery-codes", {
    password,
    code: confirmed.json["recovery_codes"]?.[0],
  });
  expect((await admin.get("/v1/me/mfa")).json["is_enabled"]).toBe(true);
  await Mfa.resealAll(); // skips the rows of `crowd`, which contain no secrets
  const ended = await admin.send("DELETE", "/v1/me/mfa/totp", { password, code: again.json["recovery_codes"]?.[0] });
  expect(ended.status).toBe(204);
  await Mfa.reset(admin.id);
}

/** The id of the session that a login started. */
async function sessionOf(platform: Platform, login: Answer): Promise<string> {
  const listed = await platform.request("GET", "/v1/me/sessions", { token: String(login.json["access_token"]) });
  return String(listed.json["data"]?.[0]?.["id"]);
}

/**
 * Submits evidence whose file differs from its declaration.
 * @returns its id
 */
async function refusable(member: Person, contribution: string): Promise<string> {
  const photo = photograph();
  const declared = { ...photo.declared, content_type: "image/png" };
  const ticket = await member.post(`${contribution}/uploads`, declared);
  await put(ticket, photo.bytes);
  const submitted = await member.post(`${contribution}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: new Date().toISOString(), media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  return String(submitted.json["id"]);
}
