import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as v from "valibot";
import type { Member } from "@gotong/core/platform/actor.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { User } from "@gotong/core/domain/user/index.ts";
import { Logins } from "./demo-data.ts";
import { wipePostgres } from "./postgres.ts";
import { claimDir } from "./claim-dir.ts";
import { LOCAL_DIR as dir, dotEnv } from "./paths.ts";
import { startStack } from "./stack.ts";
import { createVillage } from "./village.ts";

/** The first member of the demo village. If the member exists, the village was created before. */
const VILLAGER = "asep@village.example";

/**
 * `npm run dev` runs the platform on its embedded stack until Ctrl-C. `--fresh` deletes the previous state, `--small`
 * omits the village of the demo.
 */
async function main(): Promise<void> {
  mkdirSync(dir, { recursive: true });
  claimDir(dir);
  if (process.argv.includes("--fresh")) {
    await wipePostgres(join(dir, "postgres"));
    for (const name of ["s3", "markov.jsonl", "demo-logins.json", "dev.log", "mail"])
      rmSync(join(dir, name), { recursive: true, force: true });
  }
  const log = createWriteStream(join(dir, "dev.log"), { flags: "a" });
  Log.to((line) => void log.write(`${line}\n`));
  const stopped = new Promise<string>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, resolve);
  });
  const stack = await startStack({ ...dotEnv(), ...process.env }, dir, { app: true });
  // `npm run gotong` reads this file, so that commands use this stack. The file is deleted when the stack stops.
  const settingsFile = join(dir, "stack.env");
  const settings = Object.entries(stack.settings).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(settingsFile, settings.join(""), { mode: 0o600 });
  process.stdout.write(table(stack.urls));
  let isStopping = false;
  const isSmall = process.argv.includes("--small");
  const village = isSmall ? Promise.resolve() : populate(stack.urls.markov, () => isStopping);
  await stopped;
  process.stdout.write("\nStopping: finishing running requests …\n");
  isStopping = true;
  await village;
  rmSync(settingsFile, { force: true });
  await stack.stop();
  process.stdout.write("Stopped.\n");
}

/** Fills a new stack with a village. The stack serves requests meanwhile. */
async function populate(markovUrl: string, isStopping: () => boolean): Promise<void> {
  try {
    if (await User.credentialsOf(VILLAGER)) return;
    const people: Member[] = [];
    for (const { email } of v.parse(Logins, JSON.parse(readFileSync(join(dir, "demo-logins.json"), "utf8")))) {
      const user = (await User.credentialsOf(email))?.user;
      if (user) people.push({ type: "member", userId: user.id, username: user.username, roles: user.roles });
    }
    await createVillage(people, markovUrl, isStopping);
  } catch (error) {
    Log.error("the village of the demo could not be created", error);
  }
}

function table(urls: Readonly<Record<string, string>>): string {
  const file = join(dir, "demo-logins.json");
  const logins = v.parse(Logins, JSON.parse(readFileSync(file, "utf8")));
  const row = (left: string, right: string) => `  ${left.padEnd(24)} ${right}\n`;
  return [
    `\nGotong Royong is running. Ctrl-C stops it; the log is in ${relative(process.cwd(), join(dir, "dev.log"))}\n\n`,
    row("App and API", urls["api"] ?? ""),
    row("Health", `${urls["api"]}/health`),
    row("Markov double", `${urls["markov"]}/__double/events`),
    row("S3 and SQS", urls["aws"] ?? ""),
    row("PostgreSQL", urls["postgres"] ?? ""),
    row("Mail", relative(process.cwd(), join(dir, "mail"))),
    "\n",
    ...logins.map((login) => row(login.email, `${login.password}   ${login.roles.join(", ")}`)),
    "\n",
  ].join("");
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof Error && ["StartError", "ConfigError"].includes(error.name);
  process.stderr.write(`${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 1;
}
