import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const natsOf = ({ resources }: Evaluation) =>
  resources.filter(({ type, name }) => type === "aws:ec2/instance:Instance" && name === "NatInstance");

/**
 * Boots a NAT instance: runs its user data with stand-ins for the programs of Amazon Linux.
 * @param failures number of times that `dnf` fails before it installs `nft`; undefined means that it always fails
 */
function boot(userData: string, failures: number | undefined, isInstalled = false) {
  const root = mkdtempSync(join(tmpdir(), "gotong-nat-"));
  const bin = join(root, "bin");
  for (const folder of ["bin", "etc/sysctl.d", "etc/sysconfig"]) mkdirSync(join(root, folder), { recursive: true });
  const program = (name: string, lines: string) => {
    writeFileSync(join(bin, name), `#!/bin/bash\n${lines}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const note = `echo "$(basename "$0") $*" >> ${root}/log`;
  for (const name of ["bash", "cat", "seq", "basename", "wc", "grep"]) {
    const { stdout } = spawnSync("which", [name], { encoding: "utf8" });
    symlinkSync(stdout.trim(), join(bin, name));
  }
  const tries = `$(grep -c '^dnf' ${root}/log)`;
  for (const name of ["sysctl", "dd", "mkswap", "swapon"]) program(name, note);
  program("sleep", note);
  program("chmod", note);
  program(
    "dnf",
    `${note}\n${failures === undefined ? "exit 1" : `[ "${tries}" -gt ${failures} ] || exit 1\necho '#!/bin/bash' > ${bin}/nft; /bin/chmod +x ${bin}/nft`}`,
  );
  if (isInstalled) program("nft", "");
  program("systemctl", `${note}\n[ -x ${bin}/nft ]`);
  const { status } = spawnSync(join(bin, "bash"), ["-c", userData.replaceAll("/etc/", `${root}/etc/`)], {
    env: { PATH: bin },
    encoding: "utf8",
    timeout: 60_000,
  });
  const log = readFileSync(join(root, "log"), "utf8").split("\n");
  const rules = readFileSync(join(root, "etc/sysconfig/nftables.conf"), "utf8");
  rmSync(root, { recursive: true });
  return { status, rules, log, count: (name: string) => log.filter((line) => line.startsWith(`${name} `)).length };
}

test("a NAT instance without a network at boot retries its setup, and then forwards the traffic of the VPC", () => {
  const nats = all.flatMap((evaluation) => natsOf(evaluation));
  expect(nats.length).toBeGreaterThan(3);
  for (const userData of new Set(nats.map(({ inputs }) => String(inputs["userData"])))) {
    const late = boot(userData, 5);
    expect([late.status, late.count("dnf"), late.count("sleep")]).toEqual([0, 6, 5]);
    // Swap space must exist before dnf runs: with 512 MB of memory dnf is killed while it reads its package lists.
    expect(late.log.findIndex((line) => line.startsWith("swapon"))).toBeGreaterThan(-1);
    expect(late.log.findIndex((line) => line.startsWith("swapon"))).toBeLessThan(
      late.log.findIndex((line) => line.startsWith("dnf")),
    );
    expect(late.rules).toContain("ip saddr 10.0.0.0/16 masquerade");
    expect(late.count("systemctl")).toBe(1);
    // The setup fails after half an hour of retries; docs/outages.md describes the consequences for the API.
    const never = boot(userData, undefined);
    expect(never.status).not.toBe(0);
    expect(never.count("dnf")).toBeGreaterThanOrEqual(60);
    const there = boot(userData, 0, true);
    expect([there.status, there.count("dnf"), there.count("swapon")]).toEqual([0, 0, 0]);
  }
});

test("a NAT instance has a status alarm on every stage with alarms, and gets its address before it boots", () => {
  let watched = 0;
  for (const evaluation of all) {
    const [nat] = natsOf(evaluation);
    if (!nat) continue;
    expect(nat.options.dependencies, evaluation.variant.id).toContain("NatAddressOnInterface");
    if (!evaluation.resources.some(({ name }) => name === "ApiFailures")) continue;
    watched += 1;
    const alarm = evaluation.resources.find(({ name }) => name === "NatInstanceDown");
    expect(alarm?.inputs, evaluation.variant.id).toMatchObject({ metricName: "StatusCheckFailed" });
    expect(JSON.stringify(alarm?.inputs["alarmActions"])).toContain("arn:aws:sns");
  }
  expect(watched).toBeGreaterThan(1);
});
