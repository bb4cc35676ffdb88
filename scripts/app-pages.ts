// Paths of the app's pages, for its pictures (screens.ts) and its tests.

/** Pages for everyone, by name. */
export const PUBLIC_PAGES = {
  login: "/login",
  register: "/register",
  forgot: "/forgot",
  reset: "/reset",
  "confirm-email": "/confirm-email",
} as const;

const SETTINGS = [
  "profile",
  "display",
  "notifications",
  "password",
  "mfa",
  "sessions",
  "invitations",
  "blocks",
  "export",
  "deletion",
] as const;

/** Pages of members, by name; `:task`, `:contribution` and `:member` stand for ids. */
export const MEMBER_PAGES: Readonly<Record<string, string>> = {
  tasks: "/",
  task: "/tasks/:task",
  publish: "/tasks/new",
  work: "/work",
  record: "/work/new",
  contribution: "/contributions/:contribution",
  waiting: "/waiting",
  member: "/members/:member",
  notifications: "/notifications",
  me: "/me",
  ...Object.fromEntries(SETTINGS.map((part) => [`me-${part}`, `/me/${part}`])),
  "not-found": "/nowhere",
};

export const VERIFIER_PAGES = { verify: "/verify" } as const;

const ADMIN_PARTS = ["health", "failures", "events", "reports", "members", "invitations", "audit"] as const;

export const ADMIN_PAGES: Readonly<Record<string, string>> = Object.fromEntries(
  ADMIN_PARTS.map((part) => [`admin-${part}`, `/admin/${part}`]),
);

/** A path with its `:name` replaced by the id of that name. */
export const pathWith = (path: string, ids: Readonly<Record<string, string>>): string =>
  path.replace(/:(\w+)$/, (_, name: string) => ids[name] ?? "");
