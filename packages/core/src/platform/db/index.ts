export { Db } from "./database.ts";
export { appliedMigrations } from "./applied.ts";
export { migrate } from "./migrate.ts";
export { databaseTarget } from "./tls.ts";
