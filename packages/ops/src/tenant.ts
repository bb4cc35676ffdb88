import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Clock } from "@gotong/core/platform/clock.ts";
import { awsFunctions } from "./aws-functions.ts";
import { doctor } from "./doctor.ts";
import { type Outcome, type Step, UsageError } from "./outcome.ts";
import { type Shell, realShell } from "./shell.ts";
import { type Functions, runOnStage } from "./stage.ts";

/** What a tenant's life needs of the outside. */
export interface World {
  readonly shell: Shell;
  readonly functions: Functions;
}
const realWorld = async (): Promise<World> => ({ shell: realShell, functions: await awsFunctions() });

const Minutes = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}$/, "--wait must be a whole number of minutes"),
  v.transform(Number),
);
const CreateOptions = v.object({ admin: v.optional(v.string()), dryRun: v.optional(v.boolean(), false) });
const RemoveOptions = v.object({ wait: v.optional(Minutes, "30"), dryRun: v.optional(v.boolean(), false) });
const Status = v.object({ pending: v.number(), dead: v.number(), examining: v.number() });
const POLL_MS = 15_000;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** The stage of a tenant by its label. @throws UsageError for a label that is none */
export function stageOf(label: string): string {
  const name = label.replace(/^tenant-/, "");
  if (!LABEL.test(name)) throw new UsageError(`"${label}" is no label of a tenant: 1 to 20 of a-z, 0-9, and - inside`);
  return `tenant-${name}`;
}

/**
 * `gotong tenant create <label>`: compares the account with what the stage needs, makes the secrets that it does not have, deploys it
 * under the rules of docs/policy.md, applies the migrations and invites the first admin. Each step may be repeated.
 * @throws Error naming the step that failed
 */
export async function create(label: string, given: unknown, step: Step, world?: World): Promise<Outcome> {
  const { admin, dryRun } = v.parse(CreateOptions, given);
  const stage = stageOf(label);
  const { shell, functions } = world ?? (await realWorld());
  const quotas = await doctor({ aws: true, stage }, shell);
  step.progress(quotas.text.trimEnd());
  if (quotas.isAlarming) throw new Error(`the account is too small for ${stage}: nothing was made`);
  const secrets = await shell.run(["npx", "sst", "secret", "list", "--stage", stage]);
  const isSet = (name: string) => new RegExp(`^${name}=`, "m").test(secrets.out);
  const missing = ["JwtKey", "WebhookSecret"].filter((name) => !isSet(name));
  if (!isSet("MarkovToken"))
    throw new Error(`first: npx sst secret set MarkovToken <the token that Markov gave> --stage ${stage}`);
  const steps = [
    ...(missing.length > 0 ? [`make the secrets ${missing.join(", ")}`] : []),
    `npx sst deploy --stage ${stage} --policy infra/policy`,
    "apply the migrations",
    ...(admin === undefined
      ? []
      : [`invite ${admin}; after the registration: gotong users grant ${admin} admin --stage ${stage}`]),
  ];
  if (dryRun) return planned(steps);
  if (missing.length > 0) await setSecrets(shell, stage, missing);
  await succeed(shell, ["npx", "sst", "deploy", "--stage", stage, "--policy", "infra/policy"]);
  const onStage = (...words: readonly string[]) =>
    runOnStage(stage, { command: { name: words.slice(0, 2).join(" ") }, words }, step.progress, functions);
  step.progress((await onStage("migrate", "up")).text.trimEnd());
  if (admin === undefined) return { text: `${stage} is deployed\n`, data: { stage } };
  const invited = await onStage("users", "invite", admin);
  return { text: `${stage} is deployed\n${invited.text}`, data: { stage, invitation: invited.data } };
}

/**
 * `gotong tenant remove <label>`: waits until the outbox and the examinations are empty, switches the protection off and removes the
 * stage. Its database and its evidence stay.
 * @throws Error when something still waits at the end, or naming the step that failed; the stage is there as before, and may be used
 */
export async function remove(label: string, given: unknown, step: Step, world?: World): Promise<Outcome> {
  const { wait, dryRun } = v.parse(RemoveOptions, given);
  const stage = stageOf(label);
  const { shell, functions } = world ?? (await realWorld());
  const until = performance.now() + wait * 60_000;
  const statusOf = async () => {
    const command = { name: "outbox status" };
    const { data, text } = await runOnStage(stage, { command, words: ["outbox", "status"] }, step.progress, functions);
    step.progress(text.trimEnd());
    return v.parse(Status, data);
  };
  let status = await statusOf();
  if (dryRun)
    return planned([
      status.pending + status.examining === 0 ? "nothing waits" : `wait up to ${wait} minutes for what waits`,
      `GOTONG_UNPROTECT=${stage} npx sst deploy --stage ${stage}`,
      `GOTONG_UNPROTECT=${stage} npx sst remove --stage ${stage}`,
      ...whatStays(stage, status.dead),
    ]);
  while (status.pending + status.examining > 0) {
    if (performance.now() >= until)
      throw new Error(
        `${status.pending} events and ${status.examining} files still wait after ${wait} minutes: nothing was removed (docs/runbooks/queue-late.md)`,
      );
    await Clock.sleep(POLL_MS);
    status = await statusOf();
  }
  const unprotected = { GOTONG_UNPROTECT: stage };
  await succeed(shell, ["npx", "sst", "deploy", "--stage", stage], unprotected);
  await succeed(shell, ["npx", "sst", "remove", "--stage", stage], unprotected);
  const stays = whatStays(stage, status.dead);
  return { text: `${stage} is removed\n${stays.map((line) => `- ${line}\n`).join("")}`, data: { stage, stays } };
}

/** What is kept, and until when (docs/deploy.md, "Removing a tenant"). */
function whatStays(stage: string, deadLetters: number): string[] {
  const app = `gotong-royong-${stage}`;
  return [
    `the database cluster ${app}-database stays, without instances, until you delete it: it costs its storage. Its members' data, the outbox${deadLetters > 0 ? ` and ${deadLetters} dead letters are` : " is"} in it`,
    `the bucket ${app}-evidence-<account> stays until you delete it; what is locked cannot be deleted before its date, and all of it expires after seven years`,
    `the bucket of access logs stays until you delete it, and the network, which costs nothing`,
    `secrets of the stage can be brought back for 30 days`,
    `CloudFront keeps copies of the function at the edge for some hours: if sst remove stops there, repeat it later`,
    `${stage} cannot be deployed again by accident: the names of database and bucket are taken. To bring it back, see docs/deploy.md`,
  ];
}

const planned = (steps: readonly string[]): Outcome => ({
  text: `${steps.map((line, index) => `${index + 1}. ${line}\n`).join("")}nothing was done\n`,
  data: { steps },
});

/** Through a file that only this user can read: arguments of a process are there for all to see. */
async function setSecrets(shell: Shell, stage: string, names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gotong-secrets-"));
  try {
    const file = join(folder, "secrets");
    writeFileSync(file, names.map((name) => `${name}=${randomBytes(32).toString("hex")}\n`).join(""), { mode: 0o600 });
    await succeed(shell, ["npx", "sst", "secret", "load", file, "--stage", stage], {}, false);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function succeed(
  shell: Shell,
  program: readonly [string, ...string[]],
  variables: Readonly<Record<string, string>> = {},
  isShown = true,
): Promise<void> {
  const { code } = await shell.run(program, variables, { isShown });
  if (code !== 0) throw new Error(`"${program.join(" ")}" ended with ${code}: repeat the command once that is mended`);
}
