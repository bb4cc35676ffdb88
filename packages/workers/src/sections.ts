import type { Section } from "@gotong/core/platform/config.ts";

/** The configuration sections of each worker, checked at boot. The workers that send deliveries and mail use no database. */
export const SECTIONS = {
  deliveries: ["service", "queue", "webhook", "cache"],
  breaker: ["service", "queue", "webhook", "cache"],
  outcomes: ["service", "database", "queue"],
  evidence: ["service", "database", "storage", "queue", "examination"],
  sweep: ["service", "database", "storage", "queue", "proof", "mail"],
  mail: ["service", "queue", "mail"],
} as const satisfies Record<string, readonly Section[]>;
