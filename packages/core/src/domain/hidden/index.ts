import { type SQL, eq, isNull, or } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { Actor } from "../../platform/actor.ts";
import { AppError } from "../../platform/error.ts";
import type { Mark } from "./schema.ts";

interface Row {
  readonly hiddenAt: Date | null;
  readonly hiddenReason: string | null;
}

/**
 * The SQL condition for reading one row of content, such as a task: the row is not hidden, or the current member owns
 * it. Undefined for admins and system actors, since they see everything. Each domain names its owner columns in one
 * function, which all its queries for one row use.
 */
export function visibleTo(hiddenAt: PgColumn, ...owners: readonly PgColumn[]): SQL | undefined {
  const actor = Actor.current();
  if (actor.type === "system") return undefined;
  if (actor.type === "public") return isNull(hiddenAt);
  if (actor.roles.includes("admin")) return undefined;
  return or(isNull(hiddenAt), ...owners.map((owner) => eq(owner, actor.userId)));
}

/**
 * Rejects acts on hidden content.
 * @throws AppError CONTENT_HIDDEN
 */
export function assertNot(row: Pick<Row, "hiddenAt">): void {
  if (row.hiddenAt !== null) throw new AppError("CONTENT_HIDDEN");
}

/** The reason and time of hiding, for responses; null for visible content. */
export function mark({ hiddenAt, hiddenReason }: Row): Mark | null {
  return hiddenAt === null ? null : { reason: hiddenReason ?? "", at: hiddenAt.toISOString() };
}

export * as Hidden from "./index.ts";
