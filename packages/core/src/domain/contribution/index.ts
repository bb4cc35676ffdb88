export { Contribution } from "./contribution.ts";
