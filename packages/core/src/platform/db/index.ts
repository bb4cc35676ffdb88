export { Db } from "./database.ts";
export { appliedMigrations } from "./applied.ts";
export { dropDatabase, ensureDatabase } from "./guest.ts";
export { migrate } from "./migrate.ts";
export { databaseTarget } from "./tls.ts";
