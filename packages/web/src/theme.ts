export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEY = "gotong.theme";

export const chosenTheme = (): Theme => THEMES.find((one) => one === localStorage.getItem(KEY)) ?? "system";

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme();
}

/** Applies the theme; must run before the first paint, so that no page flashes in the other colours. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
