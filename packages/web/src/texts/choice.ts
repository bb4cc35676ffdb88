import { device } from "../data/storage.ts";

export type Language = "id" | "en";

export const CHOSEN = "gotong.language";

/** The language that the member chose on this device; otherwise the first of the browser's languages that the app has. */
export function chosenLanguage(): Language {
  const browser = navigator.languages.find((one) => /^(id|in|ms|jv|su|en)\b/i.test(one)) ?? "id";
  return (device.get(CHOSEN) ?? browser).startsWith("en") ? "en" : "id";
}

export const storeLanguage = (language: Language): boolean => device.set(CHOSEN, language);
