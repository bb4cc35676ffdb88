import type { Section } from "@gotong/core/platform/config.ts";

/** What the API needs of the configuration; checked at boot. */
export const SECTIONS: readonly Section[] = [
  "service",
  "http",
  "database",
  "cache",
  "storage",
  "queue",
  "reputation",
  "auth",
  "hashing",
  "mail",
  "membership",
  "rules",
];
