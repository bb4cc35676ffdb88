import { render } from "preact";
import { App } from "./app.tsx";
import { sent, startSending } from "./data/acts.ts";
import { sleep } from "./data/clock.ts";
import { resume } from "./data/session.ts";
import { firstRead } from "./data/read.ts";
import { startUnread } from "./data/unread.ts";
import { startRouter } from "./router.ts";
import { CHOSEN } from "./texts/choice.ts";
import { chooseLanguage, t } from "./texts/index.ts";
import { THEME, applyTheme } from "./theme.ts";
import { say, showFocused } from "./ui/parts.tsx";
import { startSettling } from "./ui/settle.ts";

const root = document.getElementById("app");
if (!root) throw new Error("The page has no #app.");
applyTheme();
await chooseLanguage();
resume();
startRouter();
startSettling();
render(<App />, root);
sent.subscribe(() => sent.value && say(t("sent_now", { what: t(sent.value.label) })));
startSending();
startUnread();

// Another tab has chosen a language or theme.
addEventListener("storage", ({ key }) => {
  if (key === CHOSEN) void chooseLanguage();
  if (key === THEME) applyTheme();
});

// A rotated phone shows other lines of the page: the field in which the member writes stays in the window.
matchMedia("(orientation: portrait)").addEventListener("change", showFocused);

/** The only script URL that the page builds from a string; Trusted Types require a policy for it. */
async function startWorker(): Promise<void> {
  const policy = window.trustedTypes?.createPolicy("gotong-worker", { createScriptURL: () => "/sw.js" });
  const address = policy?.createScriptURL("") ?? "/sw.js";
  await navigator.serviceWorker.register(address);
}
/** Time after which a page that reads no data, such as the login page, registers the service worker. */
const NO_READ_MS = 5000;

// Registers the service worker after the first list: the worker fetches all files of the app, and must not compete with
// the list on a slow network.
if ("serviceWorker" in navigator && import.meta.env.PROD)
  void Promise.race([firstRead.then(() => sleep(1000)), sleep(NO_READ_MS)])
    .then(startWorker)
    .catch(() => undefined);
