import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { awsFunctions } from "../aws-functions.ts";
import { MIGRATIONS, ROOT } from "../folders.ts";
import { migrationFiles } from "../migrations/files.ts";
import { realShell } from "../shell.ts";
import { runOnStage } from "../stage.ts";
import { awsTraffic } from "./aws.ts";
import { journalOf } from "./journal.ts";
import type { World } from "./world.ts";

/** Returns the real external systems of a release: the AWS account and region of the environment, and this checkout. */
export async function realWorld(stage: string): Promise<World> {
  const [functions, traffic] = await Promise.all([awsFunctions(), awsTraffic()]);
  return {
    shell: realShell,
    traffic,
    journal: journalOf(stage, functions),
    async migrate() {
      const command = { name: "migrate up" };
      const { data } = await runOnStage(stage, { command, words: ["migrate"] }, () => undefined, functions);
      return appliedOf(data);
    },
    outputs: async () => JSON.parse(await readFile(join(ROOT, ".sst", "outputs.json"), "utf8")),
    migrations: () => migrationFiles(MIGRATIONS),
    async keep(of, record) {
      const folder = join(".local", "releases", of);
      await mkdir(join(ROOT, folder), { recursive: true });
      const file = join(folder, `${new Date().toISOString().replaceAll(":", "-")}.json`);
      await writeFile(join(ROOT, file), `${JSON.stringify(record, null, 2)}\n`);
      return file;
    },
    every(seconds, work) {
      const timer = setInterval(() => void work(), seconds * 1000);
      return () => clearInterval(timer);
    },
    uuid: randomUUID,
  };
}

function appliedOf(data: unknown): string[] {
  const applied: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "applied") : undefined;
  return Array.isArray(applied) ? applied.map(String) : [];
}
