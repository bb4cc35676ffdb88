export { Db } from "./database.ts";
export { migrate } from "./migrate.ts";
