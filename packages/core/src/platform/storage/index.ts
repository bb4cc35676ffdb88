export { Buckets } from "./buckets.ts";
export { Multipart, type StoredPart } from "./multipart.ts";
export { Storage, type StoredObject } from "./storage.ts";
export { prepareBucket } from "./prepare.ts";
