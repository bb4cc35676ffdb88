import { type SQL, eq, isNull, or } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { Actor } from "../../platform/actor.ts";
import { AppError } from "../../platform/error.ts";

/** That a piece of content is hidden, as its owner and admins see it. */
export interface Mark {
  readonly reason: string;
  readonly at: string;
}

interface Row {
  readonly hiddenAt: Date | null;
  readonly hiddenReason: string | null;
}

/**
 * The condition for reading a single piece of content: it is not hidden, or it is the member's own. Admins and the platform's own
 * parts see all of it. Each noun says once which columns name its owners, and uses that condition in every query.
 */
export function visibleTo(hiddenAt: PgColumn, ...owners: readonly PgColumn[]): SQL | undefined {
  const actor = Actor.current();
  if (actor.type === "system") return undefined;
  if (actor.type === "public") return isNull(hiddenAt);
  if (actor.roles.includes("admin")) return undefined;
  return or(isNull(hiddenAt), ...owners.map((owner) => eq(owner, actor.userId)));
}

/** Nothing is done with what is hidden. @throws AppError CONTENT_HIDDEN */
export function assertNot(row: Pick<Row, "hiddenAt">): void {
  if (row.hiddenAt !== null) throw new AppError("CONTENT_HIDDEN");
}

/** The mark on what is hidden; null for what is not. */
export function mark({ hiddenAt, hiddenReason }: Row): Mark | null {
  return hiddenAt === null ? null : { reason: hiddenReason ?? "", at: hiddenAt.toISOString() };
}

export * as Hidden from "./hidden.ts";
