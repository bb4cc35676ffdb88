// Loaded by the requests that need it: an export or a deletion is rare, and both know every table.

export { part as exportPart } from "./export/index.ts";
export { remove } from "./removal.ts";

export * as Account from "./account.ts";
