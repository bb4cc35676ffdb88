import type { Code } from "@gotong/core/platform/error.ts";

export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Answers by status: the name of their schema; null without a body; another type than JSON by its name. */
  readonly answers: Readonly<Record<number, string | null>>;
  /** What can go wrong besides what can for every request of its kind. */
  readonly problems?: readonly Code[];
  /** A role that the caller needs. */
  readonly role?: "admin" | "verifier";
  /** Whom it is for: members unless it says that anyone may ask. */
  readonly isOpen?: true;
}

/** What is said of every list. */
export const page = "Keyset pagination: send `next_cursor` as `cursor` for the next page.";
