// `npm run <group> -- <command> [arguments…]` runs one of the less frequent commands, in three groups.
import { spawn } from "node:child_process";

const VITEST = "node_modules/vitest/vitest.mjs";
const GROUPS = {
  infra: {
    diff: ["infra/diff/main.ts"], // changes that a deployment would make, compared with a git ref
    apply: ["infra/apply/main.ts"], // the AWS calls of every resource, checked and applied to an emulator
    update: [VITEST, "run", "tests/infra/review.test.ts", "tests/infra/bill.test.ts", "--update"], // the snapshots, including permissions.md
    checkov: ["infra/checkov/main.ts"], // checkov's rules over every kind of stage
    kubernetes: [VITEST, "run", "tests/infra/kubernetes.test.ts", "--update"], // the manifests for other clusters, from infra/eks
    stages: ["infra/print-stages.ts"], // the properties of each stage
    policy: ["infra/policy/print.ts"], // rules and waivers
    grafana: ["infra/grafana/write.ts"], // the Grafana dashboards
  },
  long: {
    sim: ["tests/system/simulation/main.ts"], // simulations of crashes, outages and lost messages
    outage: ["tests/system/simulation/main.ts", "--outage", "100000"], // 72 hours without Markov
    kills: ["tests/system/kills/main.ts"], // processes killed under load
    fuzz: ["tests/system/fuzz/main.ts"], // generated requests against the contract
    likeness: ["tests/system/likeness/main.ts"], // near-duplicates of 2,000 pictures, in parts
    tests: [VITEST, "run"], // every test in its long form
    former: ["tests/system/former/main.ts"], // the last release's tests on this schema
    mutation: ["tests/system/mutation/main.ts"], // mutation score of the code that decides about permissions
    coverage: [VITEST, "run", "--coverage", "--project", "!infra"],
  },
  generate: {
    migrations: ["node_modules/drizzle-kit/bin.cjs", "generate"],
    passwords: ["scripts/common-passwords.ts"],
  },
};

const [group, command, ...rest] = process.argv.slice(2);
const commands = GROUPS[group] ?? {};
const found = commands[command];
if (found === undefined) {
  process.stderr.write(`usage: npm run ${group} -- ${Object.keys(commands).join(" | ")} [arguments …]\n`);
  process.exitCode = 1;
} else {
  // The child gets the same preload, so that it exits with this process.
  const child = spawn(process.execPath, [...process.execArgv, ...found, ...rest], {
    stdio: "inherit",
    env: group === "long" ? { ...process.env, TEST_SIZE: "long" } : process.env,
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      // In a terminal, Ctrl-C has already reached both processes, so it is not forwarded.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  child.on("exit", (code) => (process.exitCode = code ?? 1));
}
