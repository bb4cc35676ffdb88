import { databaseAdmin } from "./database.ts";
import { GUESTS_PARAMETER } from "./guests.ts";
import { functionsGroup, vpc } from "./network.ts";

// Publishes the cluster for previews. The parameter contains the cluster's password, so it is encrypted, and only the
// deployers of previews may read it.
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
