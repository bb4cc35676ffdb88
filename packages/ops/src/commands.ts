import { lazy } from "@gotong/core/platform/lazy.ts";
import { BACKUP_COMMANDS } from "./backup/commands.ts";
import { type Command, DRY_RUN } from "./command-type.ts";
import * as dlq from "./dlq.ts";
import { doctor } from "./doctor/doctor.ts";
import { exportTables } from "./export.ts";
import { MIGRATION_COMMANDS } from "./migrations/commands.ts";
import { type Outcome, said } from "./outcome.ts";
import { outboxStatus } from "./outbox-status.ts";
import { prepare } from "./prepare.ts";
import { reconcile } from "./reconcile.ts";
import { rehearse } from "./rehearsal.ts";
import { RELEASE_COMMANDS } from "./release/commands.ts";
import * as tenant from "./tenant.ts";
import * as users from "./users.ts";

const completion = lazy(() => import("./completion.ts"));
const retention = lazy(() => import("./retention.ts"));
const demo = lazy(() => import("./seed.ts"));
const logs = lazy(() => import("./logs.ts"));
const keys = lazy(() => import("./keys.ts"));
const proofs = lazy(() => import("./verify.ts"));
const smokeTest = lazy(() => import("./smoke.ts"));
const tenants = lazy(() => import("./tenants.ts"));
const forecast = lazy(() => import("./capacity/command.ts"));
const bills = lazy(() => import("./cost/command.ts"));
const FILTER = [
  ["--event-type <type>", "only events of this type"],
  ["--since <timestamp>", "only what became dead since then (RFC 3339)"],
] as const;

/** Runs `work`. With `--dry-run`, its transaction is rolled back. */
async function rehearsable(options: Readonly<Record<string, unknown>>, work: () => Promise<string>): Promise<Outcome> {
  return said(options["dryRun"] === true ? `${await rehearse(work)}nothing was done\n` : await work());
}

export const COMMANDS: readonly Command[] = [
  ...MIGRATION_COMMANDS,
  ...RELEASE_COMMANDS,
  ...BACKUP_COMMANDS,
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
    options: [DRY_RUN],
    run: (args, options) => rehearsable(options, () => users.grant(args)),
  },
  {
    name: "users revoke",
    summary: "take a role from a member: verifier or admin",
    args: ["<email>", "<role>"],
    examples: ["users revoke sari@example.org verifier --stage tenant-bandung"],
    options: [DRY_RUN],
    run: (args, options) => rehearsable(options, () => users.revoke(args)),
  },
  {
    name: "users list",
    summary: "list the members, without their addresses",
    options: [["--role <role>", "only those who have it"]],
    examples: ["users list --role admin --stage production"],
    run: (_, options, step) => users.list(options, step),
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
    options: [DRY_RUN],
    run: (args, options) => rehearsable(options, () => users.verifyEmail(args)),
  },
  {
    name: "users reset-mfa",
    summary: "remove the second factor of a member after its loss",
    args: ["<email>"],
    options: [DRY_RUN],
    run: (args, options) => rehearsable(options, () => users.resetMfa(args)),
  },
  {
    name: "users reseal-mfa",
    summary: "encrypt all second factors with JWT_KEY: before JWT_KEY_PREVIOUS is removed",
    options: [DRY_RUN],
    run: (_, options) => rehearsable(options, users.resealMfa),
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
    summary: "look for what is wrong here, or would stop a stage, and say what to do about it",
    options: [["--aws", "with --stage: the account's quotas, Markov's address, recipients of alarms"]],
    examples: ["doctor", "doctor --aws --stage tenant-bandung"],
    place: "machine",
    isAboutStage: true,
    run: (_, options) => doctor(options),
  },
  {
    name: "retention run",
    summary: "remove the records that are past their retention period, as the sweep does after an act",
    options: [DRY_RUN],
    run: async (_, options, step) => (await retention()).run(options, step),
  },
  {
    name: "seed",
    summary: "fill an empty local database with a demo community, the same for the same numbers",
    options: [["--members <number>", "how many (100)"], ["--seed <number>", "another community (1)"], DRY_RUN],
    examples: ["seed --members 10000"],
    place: "machine",
    run: async (_, options, step) => (await demo()).seed(options, step),
  },
  {
    name: "logs",
    summary: "the log lines of one request, from every function of a stage, or from a file of log lines",
    options: [
      ["--request-id <id>", "as the answer's X-Request-Id or a problem document names it"],
      ["--since <hours>", "how far back (24)"],
      ["--file <file>", "a file of log lines instead; - reads standard input"],
    ],
    examples: ["logs --request-id 0198c0de-0000-7000-8000-000000000001 --stage production"],
    place: "machine",
    isAboutStage: true,
    isReading: true,
    run: async (_, options) => (await logs()).logs(options),
  },
  {
    name: "keys rotate",
    summary: "make a new key of a stage, and keep the present one as the previous key",
    args: ["<key>"],
    options: [DRY_RUN],
    examples: ["keys rotate jwt --stage production --dry-run"],
    place: "machine",
    isAboutStage: true,
    run: async ([key = ""], options, step) => (await keys()).rotate(key, options, step),
  },
  {
    name: "completion",
    summary: "print the completion of words for a shell: bash, zsh or fish",
    args: ["<shell>"],
    examples: ["completion bash > /etc/bash_completion.d/gotong"],
    place: "machine",
    isReading: true,
    run: async ([shell = ""]) => said((await completion()).completionFor(shell, COMMANDS)),
  },
  {
    name: "smoke",
    summary: "ask a running API what a release asks: probes, authentication, an unknown path",
    options: [["--url <url>", "where it is"]],
    examples: ["smoke --url https://api.example.org"],
    place: "machine",
    isReading: true,
    run: async (_, options) => (await smokeTest()).smoke(options),
  },
  {
    name: "cost",
    summary: "the monthly bill of a stage as it would be deployed (--stage, else production), under a load",
    options: [
      ["--users <number>", "how many members it serves (10000)"],
      ["--load <file>", "a load profile as JSON instead: packages/ops/src/cost/profile.ts has its fields"],
      ["--size <size>", "of production: small, medium or large"],
      ["--format <format>", "table, csv or svg (table)"],
      ["--since <commit>", "only what has changed in the committed figures"],
    ],
    examples: ["cost --users 10000 --size small", "cost --stage tenant-bandung --users 300 --format svg > bill.svg"],
    place: "machine",
    isAboutStage: true,
    isReading: true,
    run: async (_, options) => (await bills()).cost(options),
  },
  {
    name: "capacity",
    summary: "a simulated day of a stage for 10 to 100 million users: latency, backlog, bill, and what gives way first",
    options: [
      ["--users <number>", "for so many users alone"],
      ["--shape <shape>", "tenant, production, or largest: one region with every quota raised"],
      ["--format <format>", "table or svg (table)"],
      ["--no-bill", "without evaluating the stage"],
    ],
    examples: ["capacity", "capacity --stage tenant-bandung --users 300"],
    place: "machine",
    isAboutStage: true,
    isReading: true,
    run: async (_, options) => (await forecast()).capacity(options),
  },
  {
    name: "verify",
    summary: "check a proof of a contribution, without a network; exit code 1 if it is not valid",
    args: ["<file>"],
    options: [
      ["--contribution <id>", "the contribution that the proof must be about"],
      ["--original <files...>", "files that must be evidence of the contribution, and say what the proof says of them"],
      ["--key <file>", "the keys to trust: a kept copy of /.well-known/gotong-proof-keys.json"],
      ["--root <files...>", "kept roots, from the bucket or earlier proofs"],
    ],
    examples: ["verify proof.json --key keys.json --original drain.jpg"],
    place: "machine",
    isReading: true,
    run: async ([file], options) => (await proofs()).verify(file, options),
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
    name: "tenant list",
    summary: "list the tenants of the account and region, with the version that each runs",
    place: "machine",
    isReading: true,
    run: async () => (await tenants()).list(),
  },
  {
    name: "tenant upgrade",
    summary: "release this commit to all tenants, a few at a time; stops at the first that fails",
    args: ["[labels...]"],
    options: [["--at-once <number>", "how many (1)"], ["--as <version>", "what /health calls it"], DRY_RUN],
    examples: ["tenant upgrade --dry-run", "tenant upgrade bandung solo --as 1.4.0"],
    place: "machine",
    run: async (labels, options, step) => (await tenants()).upgrade(labels, options, step),
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
