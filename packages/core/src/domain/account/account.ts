// Public entry point, loaded only by the requests that need it: an export or a deletion is rare, and both import every
// table.

export { part as exportPart } from "./export/index.ts";
export { remove } from "./removal.ts";

export * as Account from "./account.ts";
