import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { type Outcome, type Step, UsageError } from "./outcome.ts";
import { type Shell, realShell } from "./shell.ts";

const Options = v.object({ stage: v.optional(v.string()), dryRun: v.optional(v.boolean(), false) });

interface Key {
  readonly secret: string;
  readonly after: readonly string[];
}
/** Secrets of a stage that also have a previous value, with the steps that follow a rotation. */
const KEYS: Readonly<Record<string, Key>> = {
  jwt: {
    secret: "JwtKey",
    after: [
      "docs/runbooks/rotate-jwt-key.md, from the step that deploys: tokens of the previous key stay valid meanwhile",
    ],
  },
  webhook: {
    secret: "WebhookSecret",
    after: [
      "docs/runbooks/rotate-webhook-secret.md, from its step 3: Markov must take both secrets before this one signs",
    ],
  },
};

/**
 * `gotong keys rotate <jwt|webhook> --stage <name>` stores the current key as the previous one, and generates a new
 * key, in one step. It deploys nothing.
 * @throws UsageError; Error if the stage has no such key, or if an earlier rotation is unfinished
 */
export async function rotate(key: string, given: unknown, step: Step, shell: Shell = realShell): Promise<Outcome> {
  const { stage, dryRun } = v.parse(Options, given);
  const found = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (!found || stage === undefined) throw new UsageError("gotong keys rotate jwt|webhook --stage <name>");
  const { secret } = found;
  const listed = await shell.run(["npx", "sst", "secret", "list", "--stage", stage]);
  if (listed.code !== 0) throw new Error(`npx sst secret list ended with ${listed.code}: ${listed.err.trim()}`);
  const valueOf = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(listed.out)?.[1]?.trim() ?? "";
  const present = valueOf(secret);
  if (present === "") throw new Error(`${stage} has no ${secret}: npx sst secret set ${secret} … --stage ${stage}`);
  if (valueOf(`${secret}Previous`) !== "")
    throw new Error(
      `${secret}Previous is set: the rotation before has not ended. What only it opens would be lost: end that one first`,
    );
  const steps = [
    `make ${secret} anew, and keep the present one as ${secret}Previous`,
    ...found.after.map((line) => line.replaceAll("STAGE", stage)),
  ];
  if (!dryRun) await load(shell, stage, { [secret]: randomBytes(32).toString("hex"), [`${secret}Previous`]: present });
  const [, ...next] = steps;
  if (!dryRun) step.progress(`${secret} is new, and nothing runs with it yet`);
  return {
    text: `${(dryRun ? steps : next).map((line, index) => `${index + 1}. ${line}\n`).join("")}${dryRun ? "nothing was done\n" : ""}`,
    data: { secret, isDone: !dryRun, next },
  };
}

/**
 * Sets both keys in one call, so that there is never a new key without the previous one. The keys are passed in a
 * file that only this user can read.
 */
async function load(shell: Shell, stage: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gotong-secrets-"));
  try {
    const file = join(folder, "secrets");
    const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(""), { mode: 0o600 });
    const { code, err } = await shell.run(["npx", "sst", "secret", "load", file, "--stage", stage]);
    if (code !== 0) throw new Error(`npx sst secret load ended with ${code}: ${err.trim()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
