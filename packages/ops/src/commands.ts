import { join } from "node:path";
import { Config } from "@gotong/core/platform/config.ts";
import { migrate } from "@gotong/core/platform/db/index.ts";
import * as dlq from "./dlq.ts";
import { doctor } from "./doctor.ts";
import { exportTables } from "./export.ts";
import { type Interrupted, type Outcome, type Step, migrated, said } from "./outcome.ts";
import { outboxStatus } from "./outbox-status.ts";
import { prepare } from "./prepare.ts";
import { reconcile } from "./reconcile.ts";
import * as tenant from "./tenant.ts";
import * as users from "./users.ts";

type Options = Readonly<Record<string, unknown>>;

export interface Command {
  /** Its words, such as `users grant`. */
  readonly name: string;
  readonly summary: string;
  /** In the notation of commander: `<required>`, `[optional]`. */
  readonly args?: readonly string[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Lines of the help, without `gotong`. */
  readonly examples?: readonly string[];
  /** Where it can run: in the stage's own `ops` function, or only on this machine. Both when left out. */
  readonly place?: "machine";
  /** `--stage` says what it is about and not where it runs: it is handed over as the option `stage`. */
  readonly isAboutStage?: boolean;
  /** Changes nothing, and is not audited. */
  readonly isReading?: boolean;
  readonly run: (args: readonly string[], options: Options, step: Step) => Promise<Outcome | Interrupted>;
}

const MIGRATIONS = join(import.meta.dirname, "..", "..", "..", "migrations");
const DRY_RUN = ["--dry-run", "says what it would do, and does nothing"] as const;
const FILTER = [
  ["--event-type <type>", "only events of this type"],
  ["--since <timestamp>", "only what became dead since then (RFC 3339)"],
] as const;

export const COMMANDS: readonly Command[] = [
  {
    name: "migrate",
    summary: "apply the migrations to DATABASE_URL; with --stage the stage's migrate function does it",
    place: "machine",
    async run() {
      const applied = await migrate(Config.section("database").DATABASE_URL, MIGRATIONS);
      return migrated(applied);
    },
  },
  {
    name: "prepare",
    summary: "make the bucket where there is none, and wait until bucket and queues answer",
    place: "machine",
    run: async () => said(await prepare()),
  },
  {
    name: "users grant",
    summary: "give a member a role: contributor, verifier or admin",
    args: ["<email>", "<role>"],
    examples: ["users grant sari@example.org admin --stage tenant-bandung"],
    run: async (args) => said(await users.grant(args)),
  },
  {
    name: "users invite",
    summary: "mail an invitation and print its token: the way in for the first admin",
    args: ["<email>"],
    run: async (args) => said(await users.invite(args)),
  },
  {
    name: "users verify-email",
    summary: "mark a member's e-mail address as verified, where no mail arrives",
    args: ["<email>"],
    run: async (args) => said(await users.verifyEmail(args)),
  },
  {
    name: "users reset-mfa",
    summary: "remove the second factor of a member after its loss",
    args: ["<email>"],
    run: async (args) => said(await users.resetMfa(args)),
  },
  {
    name: "users reseal-mfa",
    summary: "encrypt all second factors with JWT_KEY: before JWT_KEY_PREVIOUS is removed",
    run: async () => said(await users.resealMfa()),
  },
  {
    name: "dlq list",
    summary: "list the dead events, and the messages that could not be read",
    options: FILTER,
    isReading: true,
    run: (_, options) => dlq.list(options),
  },
  {
    name: "dlq show",
    summary: "show one of them with every attempt",
    args: ["<id>"],
    isReading: true,
    run: ([id = ""]) => dlq.show(id),
  },
  {
    name: "dlq redrive",
    summary: "send dead events again, the oldest first",
    options: [...FILTER, ["--rate <number>", "events a second (10)"], DRY_RUN],
    examples: ["dlq redrive --dry-run --stage production", "dlq redrive --event-type por_evidence --rate 5"],
    run: (_, options, step) => dlq.redrive(options, step),
  },
  {
    name: "outbox status",
    summary: "count what waits: events, dead letters, examinations of evidence",
    isReading: true,
    run: outboxStatus,
  },
  {
    name: "export",
    summary: "write every table as JSON lines into the evidence bucket, without what only signing in needs",
    run: (_, _options, step) => exportTables(step),
  },
  {
    name: "reconcile",
    summary: "send again what the outbox calls delivered and Markov does not have",
    options: [DRY_RUN],
    run: (_, options, step) => reconcile(options["dryRun"] === true, step),
  },
  {
    name: "doctor",
    summary: "look for what would stop a stage, and say what to do about it",
    options: [["--aws", "compare what the stage needs with the quotas of the account and region"]],
    examples: ["doctor --aws --stage tenant-bandung"],
    place: "machine",
    isAboutStage: true,
    run: (_, options) => doctor(options),
  },
  {
    name: "tenant create",
    summary:
      "make the stage of a community: quotas, secrets, deployment, migrations, an invitation for its first admin",
    args: ["<label>"],
    options: [["--admin <email>", "whom to invite"], DRY_RUN],
    examples: ["tenant create bandung --admin sari@example.org --dry-run"],
    place: "machine",
    run: ([label = ""], options, step) => tenant.create(label, options, step),
  },
  {
    name: "tenant remove",
    summary:
      "take the stage of a community down: stops its traffic, waits for its deliveries, exports and keeps its data, and says what stays and until when",
    args: ["<label>"],
    options: [["--wait <minutes>", "how long to wait for deliveries (30)"], DRY_RUN],
    examples: ["tenant remove bandung --dry-run"],
    place: "machine",
    run: ([label = ""], options, step) => tenant.remove(label, options, step),
  },
];
