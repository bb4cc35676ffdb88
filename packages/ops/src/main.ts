import { Db } from "@gotong/core/platform/db/index.ts";
import { run } from "./command.ts";

try {
  process.stdout.write(await run(process.argv.slice(2), (line) => void process.stderr.write(`${line}\n`)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await Db.close();
}
