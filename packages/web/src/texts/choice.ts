export type Language = "id" | "en";

const CHOSEN = "gotong.language";

/** The language that the member chose on this device; otherwise the first of the browser's languages that the app has. */
export function chosenLanguage(): Language {
  const browser = navigator.languages.find((one) => /^(id|in|ms|jv|su|en)\b/i.test(one)) ?? "id";
  return (localStorage.getItem(CHOSEN) ?? browser).startsWith("en") ? "en" : "id";
}

export const storeLanguage = (language: Language): void => localStorage.setItem(CHOSEN, language);
