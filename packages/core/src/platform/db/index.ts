export { Db } from "./database.ts";
export { dropDatabase, ensureDatabase } from "./guest.ts";
export { migrate } from "./migrate.ts";
