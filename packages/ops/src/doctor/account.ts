import * as v from "valibot";
import { type Outcome, UsageError } from "../outcome.ts";
import { type Shell, realShell } from "../shell.ts";

const counts = v.object({ concurrency: v.number(), elasticIps: v.number(), vpcs: v.number() });
const Report = v.object({
  stage: v.string(),
  needs: counts,
  limits: counts,
  used: counts,
  problems: v.array(v.string()),
});

/**
 * `gotong doctor --aws --stage <name>` examines an AWS account. Only infra/ contains the resources of stages, so a
 * program of infra/ reads the account.
 * @throws UsageError without a stage; Error with AWS's message
 */
export async function examineAccount(stage: string | undefined, shell: Shell = realShell): Promise<Outcome> {
  if (stage === undefined) throw new UsageError("gotong doctor --aws --stage <name>");
  const { code, out, err } = await shell.run([process.execPath, "infra/quotas/doctor.ts", stage]);
  if (code !== 0) throw new Error(err.trim());
  const report = v.parse(Report, JSON.parse(out));
  const { needs, limits, used, problems } = report;
  const lines = [
    `${stage} needs ${needs.concurrency} concurrent executions of ${limits.concurrency}, ${needs.elasticIps} elastic addresses of ${limits.elasticIps - used.elasticIps} free, ${needs.vpcs} network of ${limits.vpcs - used.vpcs} free`,
    ...problems.map((problem) => `- ${problem}`),
    problems.length === 0 ? "the account is large enough, and alarms have a recipient where the stage is deployed" : "",
  ].filter(Boolean);
  return { text: `${lines.join("\n")}\n`, data: report, isAlarming: problems.length > 0 };
}
