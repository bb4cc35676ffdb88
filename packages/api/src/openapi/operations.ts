import { DOCS as admin } from "../routes/admin.docs.ts";
import { DOCS as auth } from "../routes/auth.docs.ts";
import { DOCS as avatars } from "../routes/avatars.docs.ts";
import { DOCS as comments } from "../routes/comments.docs.ts";
import { DOCS as contributions } from "../routes/contributions.docs.ts";
import { DOCS as evidence } from "../routes/evidence.docs.ts";
import { DOCS as invitations } from "../routes/invitations.docs.ts";
import { DOCS as me } from "../routes/me.docs.ts";
import { DOCS as moderation } from "../routes/moderation.docs.ts";
import { DOCS as notifications } from "../routes/notifications.docs.ts";
import { DOCS as openTasks } from "../routes/open-tasks.docs.ts";
import { DOCS as operations } from "../routes/operations.docs.ts";
import { DOCS as skills } from "../routes/skills.docs.ts";
import { DOCS as tasks } from "../routes/tasks.docs.ts";
import { DOCS as uploads } from "../routes/uploads.docs.ts";
import { DOCS as users } from "../routes/users.docs.ts";
import { DOCS as verificationQueue } from "../routes/verification-queue.docs.ts";
import { DOCS as vouches } from "../routes/vouches.docs.ts";
import type { Operation } from "./operation.ts";

/** Every documented route. A route without an entry fails the build of the document; an entry without a route fails a test. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...admin,
  ...auth,
  ...avatars,
  ...comments,
  ...contributions,
  ...evidence,
  ...invitations,
  ...me,
  ...moderation,
  ...notifications,
  ...openTasks,
  ...operations,
  ...skills,
  ...tasks,
  ...uploads,
  ...users,
  ...verificationQueue,
  ...vouches,
};
