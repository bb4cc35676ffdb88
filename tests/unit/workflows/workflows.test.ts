import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import * as v from "valibot";
import { parse as parseYaml } from "yaml";
import { parse } from "@gotong/ops/program.ts";
import { readDeployment } from "../../../infra/deployment.ts";
import { readSettings } from "../../../infra/stage-name.ts";
import { VARIABLES } from "../../../infra/variables.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const FOLDER = join(ROOT, ".github", "workflows");
const ACTIONLINT = "v1.7.12";

const text = v.union([v.string(), v.number(), v.boolean()]);
const Step = v.looseObject({
  uses: v.optional(v.string()),
  run: v.optional(v.string()),
  env: v.optional(v.record(v.string(), text), {}),
  with: v.optional(v.record(v.string(), text), {}),
});
const Job = v.looseObject({
  permissions: v.optional(v.record(v.string(), v.string())),
  "timeout-minutes": v.number(),
  environment: v.optional(v.string()),
  strategy: v.optional(v.looseObject({ matrix: v.record(v.string(), v.array(v.string())) })),
  env: v.optional(v.record(v.string(), text), {}),
  steps: v.array(Step),
});
const Workflow = v.looseObject({
  permissions: v.record(v.string(), v.string()),
  concurrency: v.looseObject({ group: v.string(), "cancel-in-progress": v.union([v.boolean(), v.string()]) }),
  jobs: v.record(v.string(), Job),
});

const names = readdirSync(FOLDER);
const workflows = names.map(
  (name) => [name, v.parse(Workflow, parseYaml(readFileSync(join(FOLDER, name), "utf8")))] as const,
);
const jobs = workflows.flatMap(([file, { jobs: own }]) =>
  Object.entries(own).map(([name, job]) => ({ title: `${file} ${name}`, file, job })),
);

/** Installs actionlint from the Go module proxy once; undefined if that fails. */
function actionlint(): string | undefined {
  const folder = join(ROOT, ".local", "actionlint");
  const program = join(folder, "actionlint");
  if (existsSync(program)) return program;
  const { status } = spawnSync("go", ["install", `github.com/rhysd/actionlint/cmd/actionlint@${ACTIONLINT}`], {
    env: { ...process.env, GOBIN: folder },
    timeout: 300_000,
  });
  return status === 0 ? program : undefined;
}

test("actionlint finds no problem in the workflows", (context) => {
  const program = actionlint();
  if (program === undefined)
    return context.skip("there is no go, or no module proxy: the workflows are checked by our own rules alone");
  const { status, stdout } = spawnSync(program, ["-shellcheck=", "-pyflakes=", "-no-color"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
}, 320_000);

test("every GitHub action is pinned by a commit, with its version in a comment", () => {
  for (const name of names)
    for (const line of readFileSync(join(FOLDER, name), "utf8").split("\n"))
      if (line.includes("uses:")) expect(line, name).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("a workflow may only read the code; a job declares each further permission that it needs", () => {
  for (const [name, { permissions }] of workflows) expect(permissions, name).toEqual({ contents: "read" });
  const more = jobs.flatMap(({ title, job }) =>
    Object.entries(job.permissions ?? {}).map(([scope, right]) => `${title}: ${scope} ${right}`),
  );
  expect(more.filter((one) => !one.endsWith("contents read")).toSorted()).toEqual([
    "image.yml image: packages write",
    "preview.yml deploy: id-token write",
    "preview.yml remove: id-token write",
    "production.yml release: id-token write",
    "scan.yml codeql: security-events write",
    "staging.yml release: id-token write",
  ]);
});

test("a workflow job gets AWS credentials by OIDC, in an environment, and never from a stored key", () => {
  for (const { title, job } of jobs) {
    const usesAws = job.steps.some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@") === true);
    expect(usesAws, title).toBe(job.permissions?.["id-token"] === "write");
    if (usesAws) expect(job.environment, title).toBeDefined();
  }
  for (const name of names)
    expect(readFileSync(join(FOLDER, name), "utf8"), name).not.toMatch(/AWS_SECRET_ACCESS_KEY|secrets\.AWS/);
});

test("a deployment workflow is never cancelled, every job has a timeout, and a checkout does not store the token", () => {
  for (const [name, { concurrency }] of workflows)
    if (/^(preview|staging|production|image)/.test(name)) expect(concurrency["cancel-in-progress"], name).toBe(false);
  for (const { title, job } of jobs) {
    expect(job["timeout-minutes"], title).toBeLessThanOrEqual(350);
    for (const { uses, with: given } of job.steps)
      if (uses?.startsWith("actions/checkout@") === true) expect(given["persist-credentials"], title).toBe(false);
  }
});

test("no `run` script of a workflow contains a `${{ }}` expression, since a title or branch name could become a command", () => {
  for (const { title, job } of jobs) for (const { run } of job.steps) expect(run ?? "", title).not.toContain("${{");
});

/** Settings that no workflow passes, each with the reason. */
const BY_HAND: Readonly<Record<string, string>> = {
  GOTONG_APP_DIR: "the deployment builds the app of this repository",
  GOTONG_BASTION_CIDRS: "of dev, which a person deploys",
  GOTONG_DATABASE_SNAPSHOT: "read when a stage comes back, which a person does",
  GOTONG_DEPLOYER: "the repository itself",
  GOTONG_QUOTA_CHECK: "off only by hand",
  GOTONG_RELEASE: "gotong release sets it",
  GOTONG_UNPROTECT: "a stage is removed by a person",
  GOTONG_VERSION: "gotong release sets it",
};
/** Settings only of production: other stages reject or ignore them. */
const OF_PRODUCTION = ["GOTONG_BACKUP_REGION", "GOTONG_READERS", "GOTONG_SIZE"];

test("each workflow passes every setting that its stage may have, since a deployment without a setting would reset it", () => {
  const wanted = [...VARIABLES, "GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM"].filter(
    // An operator deploys stages with EKS by hand, so no workflow passes their settings.
    (name) => !Object.hasOwn(BY_HAND, name) && !name.startsWith("GOTONG_EKS"),
  );
  for (const [file, names] of [
    ["production.yml", wanted],
    ["staging.yml", wanted.filter((name) => !OF_PRODUCTION.includes(name))],
  ] as const) {
    const source = readFileSync(join(FOLDER, file), "utf8");
    expect(
      names.filter((name) => !source.includes(`${name}: \${{ vars.${name} }}`)),
      file,
    ).toEqual([]);
  }
  // GitHub passes an empty string for a variable that an environment does not define. It must have the same effect as
  // no variable.
  const empty = Object.fromEntries(wanted.map((name) => [name, ""]));
  const right = { MARKOV_API_URL: "https://markov.example.org" };
  expect(readSettings(empty)).toEqual(readSettings({}));
  expect(readDeployment({ ...empty, ...right })).toEqual(readDeployment(right));
});

test("production is released by gotong release, started manually, from main, with an approval", () => {
  const source = readFileSync(join(FOLDER, "production.yml"), "utf8");
  expect(source).toMatch(/^on:\n {2}workflow_dispatch:/m);
  expect(source).toContain("if: github.ref == 'refs/heads/main'");
  expect(source).toContain("npm run gotong -- release --stage production --tested $REHEARSE");
  expect(jobs.find(({ file }) => file === "production.yml")?.job.environment).toBe("production");
});

/** Returns every combination of a job's matrix. */
function combinations(matrix: Readonly<Record<string, readonly string[]>>): Record<string, string>[] {
  return Object.entries(matrix).reduce<Record<string, string>[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

const PACKAGE = v.parse(
  v.object({ scripts: v.record(v.string(), v.string()) }),
  JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")),
);

/**
 * Creates stand-ins for npm, npx and docker that record their arguments. They read their input, since otherwise the
 * writing program would sometimes fail with EPIPE.
 */
function recorder(): { readonly path: string; readonly calls: () => string[][] } {
  const folder = mkdtempSync(join(tmpdir(), "gotong-workflow-"));
  const log = join(folder, "calls");
  writeFileSync(log, "");
  for (const name of ["npm", "npx", "docker", "pipx"]) {
    const file = join(folder, name);
    writeFileSync(
      file,
      `#!/bin/sh\ncat > /dev/null\nprintf '%s' '${name}' >> ${log}\nfor word in "$@"; do printf '\\t%s' "$word" >> ${log}; done\nprintf '\\n' >> ${log}\n`,
    );
    chmodSync(file, 0o755);
  }
  return {
    path: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
    calls: () =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split("\t")),
  };
}

/** Checks that the npm script or package of a step exists. */
function assertKnown([program, ...words]: readonly string[]): void {
  if (program !== "npm") return;
  const [verb = "", ...rest] = words;
  if (verb === "ci" || verb === "audit") return;
  const script = verb === "run" ? rest[0] : verb;
  expect(Object.keys(PACKAGE.scripts), words.join(" ")).toContain(script);
  const own = rest.slice(rest.indexOf("--") + 1);
  if (script === "gotong") expect(parse(own)).toHaveProperty("command");
  if (script === "infra" || script === "long") {
    const groups = readFileSync(join(ROOT, "scripts", "command.mjs"), "utf8");
    expect(groups).toMatch(new RegExp(`^ {4}${own[0] ?? ""}:`, "m"));
  }
  if (own[0] === "--project")
    expect(readFileSync(join(ROOT, "vitest.config.ts"), "utf8")).toContain(`project("${own[1]}"`);
}

test.each(jobs.filter(({ job }) => job.steps.some(({ run }) => run !== undefined)))(
  "the scripts of $title run unchanged, and use only npm scripts and packages that exist",
  ({ job }) => {
    for (const values of combinations(job.strategy?.matrix ?? {})) {
      const { path, calls } = recorder();
      const filled = (value: string | number | boolean) =>
        String(value)
          .replaceAll(/\$\{\{\s*matrix\.(\w+)\s*\}\}/g, (_, name: string) => values[name] ?? "")
          .replaceAll(/\$\{\{[^}]*\}\}/g, "1");
      for (const { run, env } of job.steps) {
        if (run === undefined) continue;
        const variables = Object.fromEntries(
          Object.entries({ ...job.env, ...env }).map(([name, value]) => [name, filled(value)]),
        );
        if ("REHEARSE" in variables) variables["REHEARSE"] = "--dry-run";
        // Runs bash with the options of the GitHub runner.
        const { status, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
          cwd: ROOT,
          encoding: "utf8",
          env: { ...process.env, ...variables, PATH: path },
        });
        expect(stderr, run).toBe("");
        expect(status, run).toBe(0);
      }
      expect(calls().length).toBeGreaterThan(0);
      for (const call of calls()) assertKnown(call);
    }
  },
);
