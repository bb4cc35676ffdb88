import * as v from "valibot";
import { trueOrFalse, url, wholeNumber } from "./values.ts";

export const database = v.object({
  DATABASE_URL: url("postgres:", "postgresql:"),
  /** Of the user who makes the databases of previews: for the function that does, and no other. */
  DATABASE_ADMIN_URL: v.optional(url("postgres:", "postgresql:")),
  DATABASE_POOL_SIZE: v.optional(wholeNumber(1, 200), "10"),
  /** Shorter than the idle time after which a cluster auto-pauses: an open session keeps it running. */
  DATABASE_IDLE_TIMEOUT_SECONDS: v.optional(wholeNumber(1, 3600), "60"),
  /** An auto-paused cluster takes about 15 s to resume. */
  DATABASE_CONNECT_TIMEOUT_SECONDS: v.optional(wholeNumber(1, 120), "30"),
  /** `true` on stages whose database auto-pauses: a health check must not resume it. */
  DATABASE_AUTO_PAUSES: v.optional(trueOrFalse, "false"),
});

/** A replica of the database: lists and reputations may be read there, where there is a Redis too. */
export const reader = v.object({
  DATABASE_READER_URL: v.optional(url("postgres:", "postgresql:")),
  REDIS_URL: v.optional(url("redis:", "rediss:")),
});

export const cache = v.object({ REDIS_URL: v.optional(url("redis:", "rediss:")) });
