import { count, eq } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";

/** The number of files that wait for their examination. */
export async function countExamining(): Promise<number> {
  const [row] = await Db.use().select({ n: count() }).from(evidence).where(eq(evidence.status, "examining"));
  return row?.n ?? 0;
}
