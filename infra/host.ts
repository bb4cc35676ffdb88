import { databaseAdmin } from "./database.ts";
import { GUESTS_PARAMETER } from "./guests.ts";
import { functionsGroup, vpc } from "./network.ts";

// The password of the cluster is in it: encrypted, and only those who deploy previews may read it.
if (databaseAdmin !== undefined) {
  const { host, port, ...admin } = databaseAdmin;
  new aws.ssm.Parameter("Guests", {
    name: GUESTS_PARAMETER,
    description: "The network and the database cluster that previews live in",
    type: "SecureString",
    value: $jsonStringify({
      vpcId: vpc.id,
      privateSubnets: vpc.privateSubnets,
      functionsGroup: functionsGroup.id,
      database: { host, port },
      admin,
    }),
  });
}

export {};
