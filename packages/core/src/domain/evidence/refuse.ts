import { and, eq } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";

export interface Refusal {
  readonly code: string;
  readonly detail: string;
}

export const DUPLICATE: Refusal = { code: "DUPLICATE_FILE", detail: "The file is already used as evidence." };

/** Refuses a piece if it still has the status `from`. */
export async function refuse(
  evidenceId: string,
  from: "examining" | "awaiting_consent",
  { code, detail }: Refusal,
): Promise<"refused" | "unchanged"> {
  const now = Clock.now();
  const rows = await Db.use()
    .update(evidence)
    .set({ status: "refused", refusalCode: code, refusalDetail: detail, decidedAt: now, updatedAt: now })
    .where(and(eq(evidence.id, evidenceId), eq(evidence.status, from)))
    .returning({ id: evidence.id });
  return rows.length > 0 ? "refused" : "unchanged";
}
