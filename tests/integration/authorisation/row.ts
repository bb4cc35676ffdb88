import type { Asker, Cast } from "./cast.ts";

/** Who asks. The first three stand outside whatever the route is. */
export const ACTORS = ["anonymous", "expired", "deleted", "other", "owner", "assignee", "verifier", "admin"] as const;
export type Who = (typeof ACTORS)[number];
type Statuses = Readonly<Record<Who, number>>;

/** One route: what to ask for (made anew for each actor, so that one's deed is not another's obstacle), and what each is told. */
export interface Row {
  readonly statuses: Statuses;
  readonly ask: (cast: Cast, who: Who, asker?: Asker) => Promise<Request> | Request;
  /** Asks as somebody new with the same roles, for what cannot be done twice. */
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
/** Those who are named get `status`, the other members `otherwise`, all who stand outside 401. */
export const only = (who: readonly Who[], status: number, otherwise = 403): Statuses => ({
  ...everyone(otherwise),
  anonymous: 401,
  expired: 401,
  deleted: 401,
  ...Object.fromEntries(who.map((name) => [name, status])),
});
export const members = (status: number) => only([], status, status);
