export { Release } from "./release.ts";
