import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { waiting } from "./data/acts.ts";
import { account } from "./data/session.ts";
import { signal, useSignal } from "./data/signal.ts";
import { match, place } from "./router.ts";
import { language, t, type TextKey } from "./texts/index.ts";
import { Bell } from "./ui/bell.tsx";
import { Icon, type IconName } from "./ui/icon.tsx";
import { Heading, PartMissing, Toast, usePart } from "./ui/parts.tsx";
import { settle } from "./ui/settle.ts";
import { LoginPage } from "./pages/login.tsx";
import { TaskPage } from "./pages/task.tsx";
import { TasksPage } from "./pages/tasks.tsx";

type Page = ComponentType<{ readonly parts: readonly string[] }>;
interface Route {
  readonly page?: Page;
  readonly load?: () => Promise<{ readonly Page: Page }>;
  /** Whether the page is for everyone; by default for members only. */
  readonly isPublic?: true;
}

const accounts = () => import("./pages/accounts.tsx");
const me = () => import("./pages/me/index.ts");
const feed = () => import("./pages/notifications/feed.tsx");
const admin = () => import("./pages/admin/index.tsx");

/**
 * Pages by pattern. The first script contains the pages that members see first; other pages are loaded when they are
 * opened.
 */
const ROUTES: Readonly<Record<string, Route>> = {
  "/": { page: TasksPage },
  "/login": { page: LoginPage, isPublic: true },
  "/register": { load: async () => ({ Page: (await accounts()).RegisterPage }), isPublic: true },
  "/forgot": { load: async () => ({ Page: (await accounts()).ForgotPage }), isPublic: true },
  "/reset": { load: async () => ({ Page: (await accounts()).ResetPage }), isPublic: true },
  "/confirm-email": { load: async () => ({ Page: (await accounts()).ConfirmPage }), isPublic: true },
  "/tasks/new": { load: async () => ({ Page: (await import("./pages/publish.tsx")).PublishPage }) },
  "/tasks/:id/edit": { load: async () => ({ Page: (await import("./pages/publish.tsx")).EditPage }) },
  "/tasks/:id": { page: TaskPage },
  "/work": { load: async () => ({ Page: (await import("./pages/work/work.tsx")).WorkPage }) },
  "/work/new": { load: async () => ({ Page: (await import("./pages/work/record.tsx")).RecordPage }) },
  "/contributions/:id": {
    load: async () => ({ Page: (await import("./pages/work/contribution.tsx")).ContributionPage }),
  },
  "/waiting": { load: async () => ({ Page: (await import("./pages/work/waiting.tsx")).WaitingPage }) },
  "/members/:id": { load: async () => ({ Page: (await import("./pages/member.tsx")).MemberPage }) },
  "/verify": { load: async () => ({ Page: (await import("./pages/verify.tsx")).VerifyPage }) },
  "/notifications": { load: async () => ({ Page: (await feed()).NotificationsPage }) },
  "/notifications/:id": { load: async () => ({ Page: (await feed()).NotificationPage }) },
  "/me": { load: async () => ({ Page: (await me()).MePage }) },
  "/me/:part": { load: async () => ({ Page: (await me()).SettingsPage }) },
  "/admin": { load: async () => ({ Page: (await admin()).AdminPage }) },
  "/admin/:part": { load: async () => ({ Page: (await admin()).AdminPage }) },
};

const isOnline = signal(navigator.onLine);
for (const type of ["online", "offline"] as const) addEventListener(type, () => isOnline.set(navigator.onLine));

/** Whether people without a session see the login at this path. A link to it would lose the page that they want to see. */
function showsLogin(path: string): boolean {
  const route = routeOf(path)?.route;
  return route !== undefined && (!route.isPublic || route.page === LoginPage);
}

export function App() {
  useSignal(language);
  const user = useSignal(account);
  const path = new URL(useSignal(place), location.origin).pathname;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    // Moves the focus, so that a screen reader continues at the beginning of the new page.
    // Without scrolling: the router restores the position of a page that is revisited.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    settle();
  }, [path]);
  return (
    <div class={user ? "frame signed-in" : "frame"}>
      <a class="skip" href="#main">
        {t("skip")}
      </a>
      <header class="top">
        <a class="brand" href="/">
          {t("app_name")}
        </a>
        <WaitingMark />
        {user && <Bell />}
        {!user && !showsLogin(path) && <a href="/login">{t("login")}</a>}
      </header>
      {user && <Navigation path={path} roles={user.roles} />}
      <main id="main" tabIndex={-1} ref={main}>
        <OfflineNotice />
        <Content path={path} />
      </main>
      <Toast />
    </div>
  );
}

function routeOf(path: string): { readonly route: Route; readonly parts: readonly string[] } | undefined {
  for (const [pattern, route] of Object.entries(ROUTES)) {
    const parts = match(pattern, path);
    if (parts) return { route, parts };
  }
  return undefined;
}

function Content({ path }: { path: string }) {
  const user = useSignal(account);
  const found = routeOf(path);
  if (found) {
    const { route, parts } = found;
    if (!user && !route.isPublic) return <LoginPage />;
    // With another member's id the key changes, so that the page is created anew and shows no input of the former
    // member.
    return <Routed key={route.isPublic ? path : `${user?.id ?? ""} ${path}`} route={route} parts={parts} />;
  }
  return (
    <>
      <Heading text={t("not_found_title")} />
      <p>{t("problem_NOT_FOUND")}</p>
      <a class="button" href="/">
        {t("to_tasks")}
      </a>
    </>
  );
}

function Routed({ route, parts }: { route: Route; parts: readonly string[] }) {
  const { part, ...loading } = usePart(route.page ? undefined : route.load);
  const Page = route.page ?? part?.Page;
  return Page ? <Page parts={parts} /> : <PartMissing {...loading} />;
}

const LINKS: readonly (readonly [path: string, icon: IconName, text: TextKey, role?: "verifier" | "admin"])[] = [
  ["/", "tasks", "nav_tasks"],
  ["/work", "work", "nav_work"],
  ["/tasks/new", "add", "nav_publish"],
  ["/verify", "verify", "nav_verify", "verifier"],
  ["/admin", "admin", "nav_admin", "admin"],
  ["/me", "member", "nav_me"],
];

function Navigation({ path, roles }: { path: string; roles: readonly string[] }) {
  const isHere = (target: string) =>
    target === path || (target !== "/" && target !== "/tasks/new" && path.startsWith(`${target}/`));
  return (
    <nav class="main" aria-label={t("nav_label")}>
      {LINKS.filter(([, , , role]) => role === undefined || roles.includes(role)).map(([target, icon, text]) => (
        <a key={target} href={target} {...(isHere(target) ? { "aria-current": "page" as const } : {})}>
          <Icon name={icon} />
          {t(text)}
        </a>
      ))}
    </nav>
  );
}

function WaitingMark() {
  const acts = useSignal(waiting).filter((one) => one.user === account.value?.id);
  if (acts.length === 0) return null;
  return <a href="/waiting">{t("waiting_count", { count: acts.length })}</a>;
}

function OfflineNotice() {
  if (useSignal(isOnline)) return null;
  return (
    <p class="notice warn" role="status">
      <span class="row">
        <Icon name="offline" /> {t("offline_notice")}
      </span>
    </p>
  );
}
