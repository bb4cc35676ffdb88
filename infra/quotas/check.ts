import { deployment, stage } from "../stage.ts";
import { QUOTAS, QUOTA_NAMES, type Quota, problemsOfQuotas } from "./needs.ts";

// Checks the account's quotas before a deployment creates anything: the removal of a half-created stage takes hours.
if (deployment.checksQuotas) {
  const limitOf = async (quota: Quota) => {
    const { service, code } = QUOTAS[quota];
    return (await aws.servicequotas.getServiceQuota({ serviceCode: service, quotaCode: code })).value;
  };
  const own = { "sst:app": $app.name, "sst:stage": $app.stage };
  const [concurrency, elasticIps, vpcs] = await Promise.all(QUOTA_NAMES.map(limitOf));
  const [allVpcs, ownVpcs, allAddresses, ownAddresses] = await Promise.all([
    aws.ec2.getVpcs({}),
    aws.ec2.getVpcs({ tags: own }),
    aws.ec2.getEips({}),
    aws.ec2.getEips({ tags: own }),
  ]);
  const problems = problemsOfQuotas(stage, {
    limits: { concurrency, elasticIps, vpcs },
    used: {
      concurrency: 0,
      elasticIps: allAddresses.publicIps.length - ownAddresses.publicIps.length,
      vpcs: allVpcs.ids.length - ownVpcs.ids.length,
    },
  });
  if (problems.length > 0)
    throw new Error(
      `The stage "${stage.name}" does not fit into this account and region (GOTONG_QUOTA_CHECK=off deploys all the same):\n- ${problems.join("\n- ")}`,
    );
}

export {};
