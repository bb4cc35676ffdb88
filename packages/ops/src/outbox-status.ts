import { countExamining } from "@gotong/core/domain/evidence/index.ts";
import { countBacklog } from "@gotong/core/webhook/index.ts";
import type { Outcome } from "./outcome.ts";

/**
 * `gotong outbox status` prints the backlog from the database, which contains every event, even if its message was
 * lost.
 */
export async function outboxStatus(): Promise<Outcome> {
  const { pending, dead } = await countBacklog();
  const examining = await countExamining();
  return {
    text: `${pending} events wait for delivery, ${dead} dead letters for a redrive, ${examining} files for their examination\n`,
    data: { pending, dead, examining },
  };
}
