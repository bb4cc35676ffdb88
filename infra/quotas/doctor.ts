import { readSettings } from "../stage-name.ts";
import { describeStage } from "../stages.ts";
import { awsAccount, readAccount } from "./account.ts";
import { needsOf, problemsOfQuotas } from "./needs.ts";

// node doctor.ts <stage>: compares what the stage needs with the account, and prints both as JSON. `gotong doctor --aws` runs it.
const APP = "gotong-royong";
const [name = ""] = process.argv.slice(2);
try {
  const stage = describeStage(name, readSettings(process.env));
  const account = await readAccount(awsAccount(), APP, name);
  const problems = problemsOfQuotas(stage, account);
  process.stdout.write(`${JSON.stringify({ stage: name, needs: needsOf(stage), ...account, problems })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
