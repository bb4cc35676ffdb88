import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { type Row, insertSkills, skillIdsOf } from "./row.ts";
import { type REPEATS, tasks } from "./task.sql.ts";

const WEEK_MS = 604_800_000;

type Repeat = (typeof REPEATS)[number];

/**
 * Publishes the next task after a repeating task is completed, in the transaction that completes it. The next task
 * needs the same number of people and the same skills; its times are those of the completed task, moved by the smallest
 * number of weeks or months that puts them in the future.
 */
export async function makeNext(row: Row): Promise<void> {
  if (row.repeats === null) return;
  const periods = periodsUntil(row.endsAt ?? row.startsAt, row.repeats, Clock.now());
  const moved = (date: Date | null) => date && later(date, row.repeats ?? "weekly", periods);
  const made = await Db.use()
    .insert(tasks)
    .values({
      id: Id.uuid(),
      creatorId: row.creatorId,
      title: row.title,
      description: row.description,
      difficulty: row.difficulty,
      location: row.location,
      latitude: row.latitude,
      longitude: row.longitude,
      coordinatesPrecisionKm: row.coordinatesPrecisionKm,
      estimatedHours: row.estimatedHours,
      peopleNeeded: row.peopleNeeded,
      startsAt: moved(row.startsAt),
      endsAt: moved(row.endsAt),
      claimHours: row.claimHours,
      repeats: row.repeats,
      repeatOf: row.id,
      metadata: row.metadata,
    })
    .returning({ id: tasks.id });
  await insertSkills(Db.only(made).id, await skillIdsOf(row.id));
}

/** The number of periods between `date` and the first repetition after `now`; at least one. */
export function periodsUntil(date: Date | null, repeats: Repeat, now: Date): number {
  if (date === null) return 1;
  if (repeats === "weekly") return Math.max(1, Math.floor((now.getTime() - date.getTime()) / WEEK_MS) + 1);
  const months = (now.getUTCFullYear() - date.getUTCFullYear()) * 12 + now.getUTCMonth() - date.getUTCMonth();
  const least = Math.max(1, months);
  return later(date, "monthly", least) > now ? least : least + 1;
}

/**
 * The same time of day, the given number of weeks or months later; in a month without that day, the month's last day.
 */
export function later(date: Date, repeats: Repeat, periods: number): Date {
  if (repeats === "weekly") return new Date(date.getTime() + periods * WEEK_MS);
  const moved = new Date(date);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + periods);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(date.getUTCDate(), lastDay));
  return moved;
}
