/// <reference path="./.sst/platform/config.d.ts" />

// SST allows no import at the top of this file.
export default $config({
  async app(input) {
    const { readSettings } = await import("./infra/stage-name.ts");
    const { describeStage } = await import("./infra/stages.ts");
    const stage = describeStage(input.stage, readSettings(process.env));
    return {
      name: "gotong-royong",
      version: "4.17.1",
      home: "aws",
      removal: stage.removal,
      protect: stage.refusesRemoval,
      providers: { aws: "7.20.0", kubernetes: "4.34.2", random: "4.16.6" },
    };
  },
  async run() {
    const { deployment, stage } = await import("./infra/stage.ts");
    const { unreachableMarkov } = await import("./infra/markov-address.ts");
    const problem = await unreachableMarkov(stage, deployment.markovUrl);
    if (problem !== undefined) throw new Error(`The stage "${stage.name}" cannot be deployed: ${problem}`);
    await import("./infra/quotas/check.ts"); // must precede the first resource
    await import("./infra/links.ts");
    await import("./infra/deployer.ts"); // must precede every role that it limits
    await import("./infra/secrets.ts"); // must precede every file that creates a secret
    await import("./infra/network.ts");
    if (!stage.isGuest) await import("./infra/flow-logs.ts");
    await import("./infra/database.ts");
    await import("./infra/cache.ts");
    await import("./infra/storage.ts");
    await import("./infra/queues.ts");
    await import("./infra/cdn.ts");
    await import("./infra/app.ts");
    await import("./infra/api.ts");
    await import("./infra/workers.ts");
    await import("./infra/schedules.ts");
    await import("./infra/malware.ts");
    await import("./infra/release.ts");
    if (stage.isGuest) await import("./infra/guest-database.ts");
    if (stage.kind === "dev") await import("./infra/host.ts");
    await import("./infra/monitoring.ts");
    await import("./infra/backup-copies.ts");
    if (stage.hasEks) await import("./infra/eks/index.ts");
    const { outputs } = await import("./infra/outputs.ts");
    return outputs;
  },
});
