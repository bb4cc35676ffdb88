import type { Section } from "@gotong/core/platform/config.ts";

/** The sections of the configuration that the API uses; checked at boot. */
export const SECTIONS: readonly Section[] = [
  "service",
  "http",
  "database",
  "cache",
  "reader",
  "storage",
  "queue",
  "reputation",
  "auth",
  "proof",
  "hashing",
  "mail",
  "membership",
  "rules",
];
