import { unreachableMarkov } from "../markov-address.ts";
import { resourceName } from "../names.ts";
import { readSettings } from "../stage-name.ts";
import { describeStage } from "../stages.ts";
import { awsAccount, problemsOfRecipients, readAccount } from "./account.ts";
import { needsOf, problemsOfQuotas } from "./needs.ts";

// node doctor.ts <stage> compares the requirements of the stage with the account, checks the route to Markov and the
// recipients of its alarms, and prints JSON. `gotong doctor --aws` runs it.
const APP = "gotong-royong";
const [name = ""] = process.argv.slice(2);
try {
  const stage = describeStage(name, readSettings(process.env));
  const source = awsAccount();
  const account = await readAccount(source, APP, name);
  const markovUrl = process.env["MARKOV_API_URL"];
  const unreachable = markovUrl === undefined ? undefined : await unreachableMarkov(stage, markovUrl);
  const problems = [
    ...problemsOfQuotas(stage, account),
    ...(unreachable === undefined ? [] : [unreachable]),
    ...(await problemsOfRecipients(source, resourceName(APP, name, "alarms", "topic"))),
  ];
  process.stdout.write(`${JSON.stringify({ stage: name, needs: needsOf(stage), ...account, problems })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
