import * as v from "valibot";
import { trueOrFalse, url, wholeNumber } from "./values.ts";

export const database = v.object({
  DATABASE_URL: url("postgres:", "postgresql:"),
  /**
   * URL for connecting as the database user who may create databases. Set only for the function that creates the
   * databases of previews.
   */
  DATABASE_ADMIN_URL: v.optional(url("postgres:", "postgresql:")),
  DATABASE_POOL_SIZE: v.optional(wholeNumber(1, 200), "10"),
  /**
   * Time after which idle connections close. Shorter than the idle time after which a cluster auto-pauses, since an
   * open connection prevents the auto-pause.
   */
  DATABASE_IDLE_TIMEOUT_SECONDS: v.optional(wholeNumber(1, 3600), "60"),
  /** Time limit for connecting. Longer than the 15 s or so that an auto-paused cluster takes to resume. */
  DATABASE_CONNECT_TIMEOUT_SECONDS: v.optional(wholeNumber(1, 120), "30"),
  /** `true` on stages whose database auto-pauses: a health check must not resume it. */
  DATABASE_AUTO_PAUSES: v.optional(trueOrFalse, "false"),
});

/** Settings of a read replica of the database. Lists and reputations may be read from it if Redis is configured as well. */
export const reader = v.object({
  DATABASE_READER_URL: v.optional(url("postgres:", "postgresql:")),
  REDIS_URL: v.optional(url("redis:", "rediss:")),
});

export const cache = v.object({ REDIS_URL: v.optional(url("redis:", "rediss:")) });
