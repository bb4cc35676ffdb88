export { Daily } from "./daily.ts";
export { Limit, type Rule } from "./limit.ts";
export { Quota } from "./quota.ts";
