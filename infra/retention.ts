import type { LogRetention } from "./stages.ts";

/** CloudWatch counts in days what SST names in words. */
export const RETENTION_DAYS: Readonly<Record<LogRetention, number>> = {
  "1 week": 7,
  "2 weeks": 14,
  "1 month": 30,
  "1 year": 365,
};
