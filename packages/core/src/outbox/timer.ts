import { eq } from "drizzle-orm";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { timers } from "./event.sql.ts";
import { send } from "./sweep.ts";

/**
 * Margin for clock differences between processes. Without it, a message that arrives a moment before the time of its own timer would find the
 * timer armed, send no other message, and so be the last.
 */
const MARGIN_MS = 2000;

/**
 * Ensures that a sweep runs at the time `at`. One message serves all callers that ask for the same time, or for a later one. The timer's row
 * stores the time for which the message was sent. It is written after the message is sent: a crash in between sends the message twice, but never
 * loses it.
 */
export async function armAt(name: string, at: Date): Promise<void> {
  const now = Clock.now();
  const [row] = await Db.use().select().from(timers).where(eq(timers.name, name));
  if (row && row.armedFor.getTime() > now.getTime() + MARGIN_MS && row.armedFor <= at) return;
  await send(Math.max(1, Math.ceil((at.getTime() - now.getTime()) / 1000)));
  await Db.use()
    .insert(timers)
    .values({ name, armedFor: at })
    .onConflictDoUpdate({ target: timers.name, set: { armedFor: at } });
}

export * as Timer from "./timer.ts";
