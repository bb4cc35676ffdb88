export { Buckets } from "./buckets.ts";
export { Storage } from "./storage.ts";
export { prepareBucket } from "./prepare.ts";
