export { Cache } from "./cache.ts";
export { SharedRedis } from "./redis.ts";
