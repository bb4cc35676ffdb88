export { Storage } from "./storage.ts";
export { prepareBucket } from "./prepare.ts";
