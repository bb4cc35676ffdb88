import { problemsOfDeployment, readDeployment } from "./deployment.ts";
import { type NamedThing, resourceName } from "./names.ts";
import { problemsOfSecrets } from "./secret-rules.ts";
import { readSettings } from "./stage-name.ts";
import { describeStage } from "./stages.ts";

/** The stage that is being deployed. */
export const stage = describeStage($app.stage, readSettings(process.env));
export const deployment = readDeployment(process.env);

const problems = [...problemsOfDeployment(stage, deployment), ...problemsOfSecrets(process.env, stage.name)];
if (problems.length > 0) throw new Error(`The stage "${stage.name}" cannot be deployed:\n- ${problems.join("\n- ")}`);

// `sst dev` would replace the functions that serve people with a bridge to a developer's host.
if ($dev && stage.isProtected) throw new Error(`sst dev is not for the stage "${stage.name}", which serves people.`);

export const region = aws.getRegionOutput().region;
export const accountId = aws.getCallerIdentityOutput().accountId;

/** Returns a name that is the same at every deployment, so that other resources can refer to it before it exists. */
export const nameOf = (what: string, thing: NamedThing): string => resourceName($app.name, $app.stage, what, thing);
