export { Limit, type Rule } from "./limit.ts";
export { Quota } from "./quota.ts";
