export { Db } from "./database.ts";
export { appliedMigrations } from "./applied.ts";
export { dropDatabase, ensureDatabase } from "./guest.ts";
export { migrate } from "./migrate.ts";
export { batchPerTick } from "./batch-per-tick.ts";
export { withSettings } from "./settings.ts";
export { statement } from "./statement.ts";
export { databaseTarget } from "./tls.ts";
