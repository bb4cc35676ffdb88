interface Place {
  readonly id: string;
  readonly username: string;
  readonly display_name: string | null;
  readonly avatar: string | null;
  readonly deleted_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly claim_expires_at: string | null;
}

/** A row of the statement `LIST`. */
export interface TaskRow {
  readonly id: string;
  readonly creator_id: string;
  readonly creator_username: string;
  readonly creator_display_name: string | null;
  readonly creator_avatar: string | null;
  readonly creator_deleted_at: Date | null;
  readonly assignee_id: string | null;
  readonly assignee_username: string | null;
  readonly assignee_display_name: string | null;
  readonly assignee_avatar: string | null;
  readonly assignee_deleted_at: Date | null;
  readonly people_needed: number;
  readonly places_taken: number;
  readonly people: readonly Place[] | null;
  readonly starts_at: Date | null;
  readonly ends_at: Date | null;
  readonly claim_hours: number | null;
  readonly repeats: string | null;
  readonly repeat_of: string | null;
  readonly title: string;
  readonly description: string;
  readonly difficulty: string;
  readonly status: string;
  readonly location: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly coordinates_precision_km: number | null;
  readonly estimated_hours: number | null;
  readonly skill_ids: readonly string[];
  readonly metadata: unknown;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  readonly cancelled_at: Date | null;
}

const personOf = (id: string, username: string, name: string | null, avatar: string | null, deletedAt: unknown) => ({
  id,
  username,
  display_name: name,
  avatar_url: avatar === null ? null : `/v1/avatars/${avatar}`,
  is_deleted: deletedAt !== null,
});

const assigneeOf = (row: TaskRow) =>
  row.assignee_id === null || row.assignee_username === null
    ? null
    : personOf(
        row.assignee_id,
        row.assignee_username,
        row.assignee_display_name,
        row.assignee_avatar,
        row.assignee_deleted_at,
      );

const placeOf = (place: Place) => ({
  user: personOf(place.id, place.username, place.display_name, place.avatar, place.deleted_at),
  status: place.ended_at ? "completed" : place.started_at ? "in_progress" : "assigned",
  claim_expires_at:
    place.ended_at || place.started_at || !place.claim_expires_at
      ? null
      : new Date(place.claim_expires_at).toISOString(),
});

/** The response of our API for a task. */
export const toTask = (row: TaskRow) => ({
  id: row.id,
  creator_id: row.creator_id,
  creator: personOf(
    row.creator_id,
    row.creator_username,
    row.creator_display_name,
    row.creator_avatar,
    row.creator_deleted_at,
  ),
  assignee_id: row.assignee_id,
  assignee: assigneeOf(row),
  people_needed: row.people_needed,
  places_left: row.status === "open" ? row.people_needed - row.places_taken : 0,
  assignees: row.people?.map(placeOf) ?? [],
  starts_at: row.starts_at,
  ends_at: row.ends_at,
  claim_hours: row.claim_hours,
  repeats: row.repeats,
  repeat_of: row.repeat_of,
  title: row.title,
  description: row.description,
  difficulty: row.difficulty,
  status: row.status,
  location: row.location,
  coordinates: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
  coordinates_precision_km: row.coordinates_precision_km,
  estimated_hours: row.estimated_hours,
  skill_ids: row.skill_ids,
  metadata: row.metadata,
  created_at: row.created_at,
  updated_at: row.updated_at,
  started_at: row.started_at,
  completed_at: row.completed_at,
  cancelled_at: row.cancelled_at,
  hidden: null,
});
