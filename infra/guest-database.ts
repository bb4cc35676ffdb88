import { database } from "./database.ts";
import { createFunction } from "./function.ts";
import { hostOfGuests } from "./guests.ts";

// Creates the preview's database and user in the cluster of `dev` when the stage is deployed, and drops them when the
// stage is removed.
if (hostOfGuests !== undefined) {
  const { admin, database: cluster } = hostOfGuests;
  const made = createFunction("GuestDatabase", {
    shortName: "database",
    handler: "packages/ops/src/guest-database-lambda.handler",
    isInVpc: true,
    memory: "256 MB",
    timeout: "2 minutes", // the cluster may have to resume first
    retries: 0,
    link: [
      database,
      new sst.Linkable("DatabaseAdmin", {
        properties: { ...cluster, ...admin, password: $util.secret(admin.password) },
      }),
    ],
  });
  new aws.lambda.Invocation("GuestDatabaseMade", {
    functionName: made.name,
    lifecycleScope: "CRUD",
    input: JSON.stringify({}),
  });
}

export {};
