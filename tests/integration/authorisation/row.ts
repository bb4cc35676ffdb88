import type { Asker, Cast } from "./cast.ts";

/** Actors. The first three are rejected on every route that requires a member. */
export const ACTORS = ["anonymous", "expired", "deleted", "other", "owner", "assignee", "verifier", "admin"] as const;
export type Who = (typeof ACTORS)[number];
type Statuses = Readonly<Record<Who, number>>;

/**
 * A row of the authorisation matrix: one route, with its request and the expected status for each actor. The request is
 * built anew for each actor, so that the actors do not affect each other.
 */
export interface Row {
  readonly statuses: Statuses;
  readonly ask: (cast: Cast, who: Who, asker?: Asker) => Promise<Request> | Request;
  /**
   * Sends the request as a new member with the same roles, since the API accepts this request only once from a member.
   */
  readonly asNewcomer?: true;
}
interface Request {
  readonly path: string;
  readonly body?: unknown;
}

export const everyone = (status: number): Statuses => ({
  anonymous: status,
  expired: status,
  deleted: status,
  other: status,
  owner: status,
  assignee: status,
  verifier: status,
  admin: status,
});
/** The listed actors get `status`, other members `otherwise`, and actors without a valid token 401. */
export const only = (who: readonly Who[], status: number, otherwise = 403): Statuses => ({
  ...everyone(otherwise),
  anonymous: 401,
  expired: 401,
  deleted: 401,
  ...Object.fromEntries(who.map((name) => [name, status])),
});
export const members = (status: number) => only([], status, status);
