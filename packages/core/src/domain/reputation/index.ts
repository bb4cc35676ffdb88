export { Reputation } from "./reputation.ts";
export { assertGoodStanding } from "./minimum.ts";
