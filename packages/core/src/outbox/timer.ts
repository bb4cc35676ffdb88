import { eq } from "drizzle-orm";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { timers } from "./event.sql.ts";
import { send } from "./sweep.ts";

/**
 * Margin for clock differences between processes. Without this margin, a sweep that runs slightly before the stored
 * time of its own timer would take the timer for a future sweep and send no further message: no sweep would follow.
 */
const MARGIN_MS = 2000;

/**
 * Ensures that a sweep runs at the time `at`. One message serves all callers that ask for the same time, or for a later
 * one. The timer's row stores the time of the last message. The row is written after the message was sent: a crash in
 * between causes a second message, but never loses one.
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
