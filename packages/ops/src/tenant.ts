import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Clock } from "@gotong/core/platform/clock.ts";
import { awsConcurrency, awsFunctions } from "./aws-functions.ts";
import { examineAccount } from "./doctor/account.ts";
import { type Outcome, type Step, UsageError } from "./outcome.ts";
import { type Shell, realShell } from "./shell.ts";
import { type Concurrency, type Functions, functionOf, runOnStage } from "./stage.ts";

/** External systems of the tenant commands. */
export interface World {
  readonly shell: Shell;
  readonly functions: Functions;
  readonly concurrency: Concurrency;
}
const realWorld = async (): Promise<World> => ({
  shell: realShell,
  functions: await awsFunctions(),
  concurrency: await awsConcurrency(),
});

const Minutes = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}$/, "--wait must be a whole number of minutes"),
  v.transform(Number),
);
const CreateOptions = v.object({ admin: v.optional(v.string()), dryRun: v.optional(v.boolean(), false) });
const RemoveOptions = v.object({ wait: v.optional(Minutes, "30"), dryRun: v.optional(v.boolean(), false) });
const Status = v.object({ pending: v.number(), dead: v.number(), examining: v.number() });
const POLL_MS = 15_000;
/**
 * Maximum duration of a request: one that began before the traffic stopped may run for a minute (infra/api.ts), and
 * commit an event at its end.
 */
const LAST_REQUEST_MS = 60_000;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** Returns the stage of a tenant by its label. @throws UsageError for an invalid label */
export function stageOf(label: string): string {
  const name = label.replace(/^tenant-/, "");
  if (!LABEL.test(name)) throw new UsageError(`"${label}" is no label of a tenant: 1 to 20 of a-z, 0-9, and - inside`);
  return `tenant-${name}`;
}

/**
 * `gotong tenant create <label>` compares the account's quotas with the needs of the stage, generates missing
 * secrets, deploys the stage with the rules of docs/policy.md, applies the migrations and invites the first admin.
 * Each step can be repeated.
 * @throws Error with the failed step
 */
export async function create(label: string, given: unknown, step: Step, world?: World): Promise<Outcome> {
  const { admin, dryRun } = v.parse(CreateOptions, given);
  const stage = stageOf(label);
  const { shell, functions } = world ?? (await realWorld());
  const quotas = await examineAccount(stage, shell);
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
 * `gotong tenant remove <label>` stops the traffic, waits until the outbox and the examinations are empty, exports
 * the tables, disables the protection and removes the stage. Its database and its evidence stay.
 * @throws Error if the outbox or examinations are not empty in the end, or with the failed step. Until the removal
 * itself the stage is unchanged, and its traffic is resumed after an error
 */
export async function remove(label: string, given: unknown, step: Step, world?: World): Promise<Outcome> {
  const { wait, dryRun } = v.parse(RemoveOptions, given);
  const stage = stageOf(label);
  const { shell, functions, concurrency } = world ?? (await realWorld());
  const onStage = (...words: readonly string[]) =>
    runOnStage(stage, { command: { name: words.join(" ") }, words }, step.progress, functions);
  const statusOf = async () => {
    const { data, text } = await onStage("outbox", "status");
    step.progress(text.trimEnd());
    return v.parse(Status, data);
  };
  const status = await statusOf();
  if (dryRun)
    return planned([
      "stop the traffic: the API answers 429",
      status.pending + status.examining === 0 ? "nothing waits" : `wait up to ${wait} minutes for what waits`,
      "export the tables into the evidence bucket",
      `GOTONG_UNPROTECT=${stage} npx sst deploy --stage ${stage}`,
      `GOTONG_UNPROTECT=${stage} npx sst remove --stage ${stage}`,
      ...whatStays(stage, status.dead),
    ]);
  const unprotected = { GOTONG_UNPROTECT: stage };
  const api = functionOf(stage, "api");
  const reserved = await concurrency.reserved(api);
  let exported: Outcome;
  let dead: number;
  try {
    await concurrency.reserve(api, 0);
    step.progress("the traffic is stopped");
    dead = (await drained(statusOf, wait)).dead;
    exported = await onStage("export");
    step.progress(exported.text.trimEnd());
    await succeed(shell, ["npx", "sst", "deploy", "--stage", stage], unprotected);
  } catch (error) {
    // An earlier run may have been killed while the traffic was stopped, so 0 is not a reservation to restore.
    await concurrency.reserve(api, reserved === 0 ? undefined : reserved);
    step.progress("the traffic flows again");
    throw error;
  }
  await succeed(shell, ["npx", "sst", "remove", "--stage", stage], unprotected);
  const stays = [exported.text.trimEnd(), ...whatStays(stage, dead)];
  return { text: `${stage} is removed\n${stays.map((line) => `- ${line}\n`).join("")}`, data: { stage, stays } };
}

/**
 * Waits until no event is pending, no file is being examined, and every request that began before has ended, since it
 * could add an event.
 * @returns the last status
 */
async function drained(statusOf: () => Promise<v.InferOutput<typeof Status>>, minutes: number) {
  const start = Clock.now().getTime();
  const elapsed = () => Clock.now().getTime() - start;
  for (;;) {
    const status = await statusOf();
    const waiting = status.pending + status.examining;
    if (waiting === 0 && elapsed() >= LAST_REQUEST_MS) return status;
    if (waiting > 0 && elapsed() >= minutes * 60_000)
      throw new Error(
        `${status.pending} events and ${status.examining} files still wait after ${minutes} minutes: nothing was removed (docs/runbooks/queue-late.md)`,
      );
    await Clock.sleep(POLL_MS);
  }
}

/** Returns the data that stays after the removal, each with its retention (docs/deploy.md, "Removing a tenant"). */
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

/** Sets secrets through a file that only this user can read, since other users can see the arguments of a process. */
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
