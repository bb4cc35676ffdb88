import { device } from "./data/storage.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const THEME = "gotong.theme";

export const chosenTheme = (): Theme => THEMES.find((one) => one === device.get(THEME)) ?? "system";

export function setTheme(theme: Theme): void {
  device.set(THEME, theme);
  applyTheme();
}

/** Applies the theme; must run before the first paint, so that no page flashes in the other colours. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
