import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { AuditLog } from "@gotong/core/platform/audit/index.ts";
import { Block } from "@gotong/core/domain/block/index.ts";
import { Contribution } from "@gotong/core/domain/contribution/index.ts";
import { EventLog, Redrive } from "@gotong/core/webhook/index.ts";
import { Attestations } from "@gotong/core/domain/evidence/attestation.ts";
import { consent } from "@gotong/core/domain/evidence/consent.ts";
import { withdraw } from "@gotong/core/domain/evidence/withdraw.ts";
import { Invitation } from "@gotong/core/domain/invitation/index.ts";
import { Moderation } from "@gotong/core/domain/moderation/hide.ts";
import { Report } from "@gotong/core/domain/report/report.ts";
import { ReportQueue } from "@gotong/core/domain/report/queue.ts";
import { Skill } from "@gotong/core/domain/skill/index.ts";
import { Task } from "@gotong/core/domain/task/index.ts";
import { part } from "@gotong/core/domain/account/export/index.ts";
import { Profile, Roles } from "@gotong/core/domain/user/index.ts";
import { remove } from "@gotong/core/domain/account/removal.ts";
import { Verification } from "@gotong/core/domain/verification/index.ts";
import { Vouch } from "@gotong/core/domain/vouch/index.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const page = { limit: 1, cursor: undefined };
const id = randomUUID();

/**
 * Operations that need a role, grouped by role. The tests call them directly, since the guards of their routes would
 * run first.
 */
const PRIVILEGED: readonly (readonly [name: string, operation: () => Promise<unknown>])[] = [
  ["Skill.create", () => Skill.create({ name: "N", category: "C" })],
  ["EventLog.events", () => EventLog.events(page)],
  ["EventLog.failures", () => EventLog.failures(page)],
  ["AuditLog.list", () => AuditLog.list(page)],
  ["Redrive.redrive", () => Redrive.redrive(id)],
  ["Redrive.redriveAll", () => Redrive.redriveAll({})],
  ["Roles.grant", () => Roles.grant(id, { roles: ["admin"] })],
  ["Moderation.hideTask", () => Moderation.hideTask(id, { reason: "spam" })],
  ["Moderation.unhideTask", () => Moderation.unhideTask(id)],
  ["Moderation.hideContribution", () => Moderation.hideContribution(id, { reason: "spam" })],
  ["Moderation.unhideContribution", () => Moderation.unhideContribution(id)],
  ["Moderation.hideEvidence", () => Moderation.hideEvidence(id, { reason: "spam" })],
  ["Moderation.unhideEvidence", () => Moderation.unhideEvidence(id)],
  ["ReportQueue.list", () => ReportQueue.list({ ...page, status: "open" })],
  ["ReportQueue.get", () => ReportQueue.get(id)],
  ["ReportQueue.resolve", () => ReportQueue.resolve(id, { outcome: "dismissed", include_same_target: false })],
  ["Verification.vote", () => Verification.vote(id, { outcome: "approved" })],
];
const OWN: readonly (readonly [name: string, operation: () => Promise<unknown>])[] = [
  ["Task.create", () => Task.create({ title: "T", description: "", difficulty: "easy", skill_ids: [], metadata: {} })],
  ["Task.claim", () => Task.claim(id)],
  ["Task.assign", () => Task.assign(id, { user_id: id })],
  [
    "Contribution.create",
    () => Contribution.create({ contribution_type: "custom", title: "T", skill_ids: [], metadata: {} }),
  ],
  ["Evidence.consent", () => consent(id, { accept: true })],
  ["Attestations.answer", () => Attestations.answer(id, { confirm: true })],
  ["Attestations.list", () => Attestations.list(page)],
  ["Evidence.withdraw", () => withdraw(id, {})],
  ["Vouch.create", () => Vouch.create({ vouchee_id: id })],
  ["Invitation.create", () => Invitation.create({ email: "guest@example.org" })],
  ["Invitation.list", () => Invitation.list(page)],
  ["Invitation.revoke", () => Invitation.revoke(id)],
  ["Block.add", () => Block.add(id)],
  ["Block.remove", () => Block.remove(id)],
  ["Block.list", () => Block.list(page)],
  ["Report.create", () => Report.create("user", id, { reason: "spam" })],
  ["Profile.change", () => Profile.change({})],
  ["remove", () => remove({ password: "x" }, "127.0.0.1")],
  ["part", () => part({ cursor: undefined })],
];

test.for([...PRIVILEGED, ...OWN])(
  "the operation %s itself rejects anonymous callers and system actors",
  async ([, operation]) => {
    await expect(operation()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const asSystem = Actor.run({ type: "system", name: "sweep" }, "r", operation);
    await expect(asSystem).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  },
);

test.for(PRIVILEGED)(
  "the operation %s itself rejects a member without the role, whether the target exists or not",
  async ([, operation]) => {
    const { id: userId } = await platform.person();
    const asMember = () => Actor.run({ type: "member", userId, username: "u", roles: ["contributor"] }, "r", operation);
    await expect(asMember()).rejects.toMatchObject({ code: "FORBIDDEN" });
  },
);
