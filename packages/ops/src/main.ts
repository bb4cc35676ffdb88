import { join } from "node:path";
import * as v from "valibot";
import { Actor } from "@gotong/core/actor.ts";
import { Audit } from "@gotong/core/audit/index.ts";
import { Config } from "@gotong/core/config.ts";
import { Db } from "@gotong/core/db/index.ts";
import { migrate } from "@gotong/core/db/migrate.ts";
import { Id } from "@gotong/core/id.ts";
import { User } from "@gotong/core/user/index.ts";

const USAGE = `gotong migrate                        applies the migrations to DATABASE_URL
gotong users grant <email> <role>     gives a member a role: contributor, verifier or admin
`;
const Grant = v.tuple([
  User.Email,
  v.picklist(["contributor", "verifier", "admin"], "the role must be contributor, verifier or admin"),
]);

/** Runs one command of the operators' command line. @returns what to print */
async function run([noun = "", verb = "", ...rest]: readonly string[]): Promise<string> {
  if (noun === "migrate") {
    const applied = await migrate(
      Config.section("database").DATABASE_URL,
      join(import.meta.dirname, "..", "..", "..", "migrations"),
    );
    return applied.length > 0 ? `applied ${applied.join(", ")}\n` : "nothing to apply\n";
  }
  if (noun === "users" && verb === "grant") return grant(v.parse(Grant, rest));
  throw new Error(USAGE);
}

async function grant([email, role]: v.InferOutput<typeof Grant>): Promise<string> {
  return Db.transaction(async () => {
    const found = await User.credentialsOf(email);
    if (!found) throw new Error(`there is no account with the e-mail address ${email}`);
    await User.setRoles(found.user.id, [...found.user.roles, role]);
    await Audit.record("user.roles", "user", found.user.id, { granted: role });
    return `${found.user.username} has the roles ${[...new Set([...found.user.roles, role])].join(", ")}\n`;
  });
}

try {
  process.stdout.write(
    await Actor.run({ type: "system", name: "gotong" }, Id.uuid(), () => run(process.argv.slice(2))),
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await Db.close();
}
