import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Event } from "@gotong/core/outbox/index.ts";
import { Comment } from "@gotong/core/domain/comment/comment.ts";
import { Attestations } from "@gotong/core/domain/evidence/attestation.ts";
import { consent } from "@gotong/core/domain/evidence/consent.ts";
import { submit } from "@gotong/core/domain/evidence/submit.ts";
import { Acceptance } from "@gotong/core/domain/invitation/accept.ts";
import { Moderation } from "@gotong/core/domain/moderation/hide.ts";
import { Report } from "@gotong/core/domain/report/report.ts";
import { ReportQueue } from "@gotong/core/domain/report/queue.ts";
import { Task } from "@gotong/core/domain/task/index.ts";
import { Verification } from "@gotong/core/domain/verification/index.ts";
import { Vouch } from "@gotong/core/domain/vouch/index.ts";
import {
  ADMIN,
  CONTRIBUTIONS,
  CREATOR,
  GUESTS,
  MEMBERS,
  TASKS,
  contributionId,
  guestId,
  invitationId,
  memberOf,
  taskId,
} from "./crowd.ts";
import type { Random } from "./random.ts";

/** An act, and the relative frequency of its kind. */
export interface Kind {
  readonly often: number;
  readonly act: (draw: Draw) => Planned;
}
interface Planned {
  readonly by: Member;
  readonly work: () => Promise<unknown>;
}

/** Draws random subjects for acts, and stores what earlier acts have created. */
export class Draw {
  /** Pieces that wait for the consent of the owner of their contribution. */
  readonly evidence: { readonly id: string; readonly owner: Member }[] = [];
  readonly attested: { readonly id: string; readonly witness: Member }[] = [];
  readonly reports: string[] = [];
  /** Comments that no act has hidden. */
  readonly comments: string[] = [];
  readonly claims: { readonly task: string; readonly member: Member }[] = [];
  joined = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  member = (): Member => memberOf(this.#random.int(0, MEMBERS - 1));
  task = (): string => taskId(this.#random.int(0, TASKS - 1));
  /** The index of a contribution and of its owner. */
  index = (): number => this.#random.int(0, CONTRIBUTIONS - 1);
  contribution = (): string => contributionId(this.index());
  one = <T>(from: readonly T[]): T | undefined => from[this.#random.int(0, from.length - 1)];
  /** Returns a place that a member has or had; if there is none, a random task and member. */
  place = () => this.one(this.claims) ?? { task: this.task(), member: this.member() };
  isLikely = (probability: number): boolean => this.#random.chance(probability);
}

const proof = () => ({ timestamp: Clock.now().toISOString() });

/** The acts of members that notify others. They choose their subject when they run, since it may be the work of an earlier act. */
const KINDS_OF_ACTS: readonly Kind[] = [
  {
    often: 30,
    act: (draw) => {
      const [by, task] = [draw.member(), draw.task()];
      const work = async () => {
        await Task.claim(task);
        draw.claims.push({ task, member: by });
      };
      return { by, work };
    },
  },
  // Unassigning a member writes their reason as a comment on the task and notifies the other side. The reason here is the
  // id of that member, so that the checks can match each comment with its notification.
  {
    often: 4,
    act: (draw) => {
      const { task, member: by } = draw.place();
      return { by, work: () => Task.unassign(task, { user_id: by.userId, reason: by.userId }) };
    },
  },
  {
    often: 4,
    act: (draw) => {
      const { task, member } = draw.place();
      const { userId } = member;
      return { by: CREATOR, work: () => Task.unassign(task, { user_id: userId, reason: userId }) };
    },
  },
  {
    often: 4,
    act: (draw) => {
      const { task, member: by } = draw.place();
      return { by, work: () => Task.cannotCome(task, {}) };
    },
  },
  {
    often: 6,
    act: (draw) => {
      const [{ userId }, task] = [draw.member(), draw.task()];
      return { by: CREATOR, work: () => Task.assign(task, { user_id: userId }) };
    },
  },
  {
    often: 10,
    act: (draw) => {
      const { task, member: by } = draw.place();
      const work = async () => {
        await Task.start(task);
        if (draw.isLikely(0.7)) await Task.complete(task, {});
      };
      return { by, work };
    },
  },
  {
    often: 6,
    act: (draw) => {
      const { task, member } = draw.place();
      return { by: CREATOR, work: () => Task.markAttendance(task, { user_id: member.userId, was_present: false }) };
    },
  },
  { often: 1, act: (draw) => ({ by: CREATOR, work: () => Task.cancel(draw.task()) }) },
  {
    often: 8,
    act: (draw) => ({
      by: draw.member(),
      work: () => Verification.vote(draw.contribution(), { outcome: draw.isLikely(0.7) ? "approved" : "rejected" }),
    }),
  },
  {
    often: 6,
    act: (draw) => {
      const work = async () => {
        const location = { lat: -6.9, lon: 107.6 };
        const input = {
          evidence_type: "gps_verification",
          proof: { ...proof(), location },
          evidence_data: {},
        } as const;
        const contribution = draw.index();
        const { id, status } = await submit(contributionId(contribution), input);
        if (status === "awaiting_consent") draw.evidence.push({ id, owner: memberOf(contribution) });
      };
      return { by: draw.member(), work };
    },
  },
  {
    often: 5,
    act: (draw) => {
      const witness = draw.member();
      const witnesses = [{ witness_name: witness.username, witness_id: witness.userId }];
      const work = async () => {
        const attestation = { evidence_type: "witness_attestation", proof: { ...proof(), witnesses } } as const;
        const contribution = draw.index();
        const { id, status } = await submit(contributionId(contribution), { ...attestation, evidence_data: {} });
        draw.attested.push({ id, witness });
        if (status === "awaiting_consent") draw.evidence.push({ id, owner: memberOf(contribution) });
      };
      return { by: draw.member(), work };
    },
  },
  {
    often: 6,
    act: (draw) => ({
      by: draw.member(),
      work: async () => {
        const waiting = draw.one(draw.evidence);
        const accept = draw.isLikely(0.5);
        if (waiting) await Actor.run(waiting.owner, Actor.requestId(), () => consent(waiting.id, { accept }));
      },
    }),
  },
  {
    often: 6,
    act: (draw) => ({
      by: draw.member(),
      work: async () => {
        const asked = draw.one(draw.attested);
        if (asked)
          await Actor.run(asked.witness, Actor.requestId(), () => Attestations.answer(asked.id, { confirm: true }));
      },
    }),
  },
  {
    often: 8,
    act: (draw) => ({
      by: draw.member(),
      work: async () => {
        const { id } = await Comment.create({ contributionId: draw.contribution() }, { text: "When do we meet?" });
        draw.comments.push(id);
      },
    }),
  },
  {
    often: 3,
    act: (draw) => ({
      by: ADMIN,
      work: async () => {
        const id = draw.comments.shift();
        if (id !== undefined) await Moderation.hideComment(id, { reason: "spam" });
      },
    }),
  },
  {
    often: 4,
    act: (draw) => {
      // Only an admin may vouch without reputation.
      const [by, { userId: vouchee_id }] = [{ ...draw.member(), roles: ["admin" as const] }, draw.member()];
      return { by, work: () => Vouch.create({ vouchee_id }) };
    },
  },
  {
    often: 4,
    act: (draw) => ({
      by: draw.member(),
      work: async () => {
        const { id } = await Report.create("contribution", draw.contribution(), { reason: "other" });
        draw.reports.push(id);
      },
    }),
  },
  {
    often: 4,
    act: (draw) => ({
      by: ADMIN,
      work: async () => {
        const id = draw.one(draw.reports);
        const include_same_target = draw.isLikely(0.5);
        if (id !== undefined) await ReportQueue.resolve(id, { outcome: "dismissed", include_same_target });
      },
    }),
  },
  {
    often: 3,
    act: (draw) => ({
      by: CREATOR,
      work: async () => {
        const index = draw.joined;
        if (index >= GUESTS) return;
        draw.joined += 1;
        const invitation = { id: invitationId(index), email: null, isLink: false, invitedBy: CREATOR.userId };
        await Event.act(() => Acceptance.accept(invitation, guestId(index)));
      },
    }),
  },
];

/** Chooses a kind of act by its frequency. */
export function chooseAct(random: Random): Kind["act"] {
  let left = random.int(
    1,
    KINDS_OF_ACTS.reduce((sum, { often }) => sum + often, 0),
  );
  for (const { often, act } of KINDS_OF_ACTS) {
    left -= often;
    if (left <= 0) return act;
  }
  throw new Error("no act was chosen");
}
