import { and, eq, isNull, lt, sql } from "drizzle-orm";
import * as v from "valibot";
import { Cache } from "../../platform/cache/index.ts";
import { Config } from "../../platform/config.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { placeOf } from "./coordinates.ts";
import type { Open } from "./schema.ts";
import { PRECISIONS_KM, tasks } from "./task.sql.ts";

/** Minimum side of the square in which the public list shows a place. */
const PUBLIC_PRECISION_KM = 5 satisfies (typeof PRECISIONS_KM)[number];

const paging = Page.paging("open-tasks", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);

/**
 * The open tasks for people without an account, newest first: a page as a JSON string. Contains no members, and no
 * field that may name a member or a house: descriptions, locations and metadata are texts for members. Cached for a
 * minute, or until a task changes.
 * @throws AppError NOT_FOUND unless `OPEN_TASKS` is on
 */
export async function list(input: v.InferOutput<typeof ListQuery>): Promise<string> {
  if (Config.section("membership").OPEN_TASKS === "false") throw new AppError("NOT_FOUND");
  return Cache.list("tasks", { open: true, ...input }, () => Db.onReader(() => read(input), "tasks"));
}

const columns = {
  id: tasks.id,
  title: tasks.title,
  difficulty: tasks.difficulty,
  peopleNeeded: tasks.peopleNeeded,
  placesTaken: tasks.placesTaken,
  startsAt: tasks.startsAt,
  endsAt: tasks.endsAt,
  latitude: tasks.latitude,
  longitude: tasks.longitude,
  precisionKm: tasks.coordinatesPrecisionKm,
  estimatedHours: tasks.estimatedHours,
  skills: sql<
    string[]
  >`array(select skill.name from task_skills required join skills skill on skill.id = required.skill_id where required.task_id = tasks.id order by 1)`,
  createdAt: tasks.createdAt,
};

async function read({ cursor, limit }: v.InferOutput<typeof ListQuery>): Promise<string> {
  const rows = await Db.use()
    .select(columns)
    .from(tasks)
    .where(
      and(
        eq(tasks.status, "open"),
        isNull(tasks.hiddenAt),
        optionalCondition(cursor, ([last]) => lt(tasks.id, last)),
      ),
    )
    .orderBy(newestFirst(tasks.id))
    .limit(limit + 1);
  return paging.text(rows, limit, (row) => [row.id], toInfo);
}

type Row = Pick<
  typeof tasks.$inferSelect,
  | "id"
  | "title"
  | "difficulty"
  | "peopleNeeded"
  | "placesTaken"
  | "startsAt"
  | "endsAt"
  | "latitude"
  | "longitude"
  | "estimatedHours"
  | "createdAt"
> & { readonly precisionKm: number | null; readonly skills: readonly string[] };

function toInfo(row: Row): Open {
  return {
    id: row.id,
    title: row.title,
    difficulty: row.difficulty,
    people_needed: row.peopleNeeded,
    places_left: row.peopleNeeded - row.placesTaken,
    starts_at: row.startsAt?.toISOString() ?? null,
    ends_at: row.endsAt?.toISOString() ?? null,
    ...coarsePlace(row),
    estimated_hours: row.estimatedHours,
    skills: row.skills,
    created_at: row.createdAt.toISOString(),
  };
}

/** The middle of the square that contains a place: the creator's square if it is large enough, else one of 5 km. */
function coarsePlace({
  latitude: lat,
  longitude: lon,
  precisionKm,
}: Row): Pick<Open, "coordinates" | "coordinates_precision_km"> {
  if (lat === null || lon === null) return { coordinates: null, coordinates_precision_km: null };
  const chosen = PRECISIONS_KM.find((km) => km === precisionKm && km >= PUBLIC_PRECISION_KM);
  if (chosen !== undefined) return { coordinates: { lat, lon }, coordinates_precision_km: chosen };
  const { latitude, longitude } = placeOf({ lat, lon, precision_km: PUBLIC_PRECISION_KM });
  return { coordinates: { lat: latitude ?? 0, lon: longitude ?? 0 }, coordinates_precision_km: PUBLIC_PRECISION_KM };
}

export * as OpenTasks from "./open.ts";
