import type { LogRetention } from "./stage-shape.ts";

/** Days of retention, by SST's names for them. */
export const RETENTION_DAYS: Readonly<Record<LogRetention, number>> = {
  "1 week": 7,
  "2 weeks": 14,
  "1 month": 30,
  "1 year": 365,
};
