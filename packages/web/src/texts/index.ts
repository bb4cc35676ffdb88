import { nowMs } from "../data/clock.ts";
import { loadPart } from "../data/part.ts";
import { signal } from "../data/signal.ts";
import { type Language, chosenLanguage, storeLanguage } from "./choice.ts";
import { id } from "./id.ts";

export type TextKey = keyof typeof id;
type Catalogue = Readonly<Record<TextKey, string>>;
export const LANGUAGES = { id: "Bahasa Indonesia", en: "English" } as const;

let texts: Catalogue = id;

export const language = signal<Language>("id");

/**
 * Sets the chosen language, or that of the browser. The first script contains Indonesian; English is loaded
 * separately. If it cannot be loaded, the page is in Indonesian rather than empty.
 */
export async function chooseLanguage(choice?: Language): Promise<void> {
  if (choice !== undefined) storeLanguage(choice);
  const wanted = chosenLanguage();
  const english = wanted === "en" ? await loadPart(() => import("./en.ts")).catch(() => undefined) : undefined;
  texts = english?.en ?? id;
  const loaded = english ? "en" : "id";
  document.documentElement.lang = loaded;
  language.set(loaded);
}

/** The text of a key, with `{name}` replaced by its value. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return texts[key].replaceAll(/{(\w+)}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The text of a code from outside, such as a problem's, or the text of `otherwise`. */
export function textOf(group: string, code: string, otherwise: TextKey): string {
  const key = `${group}_${code}`;
  return isKey(key) ? t(key) : t(otherwise, { code });
}

export const isKey = (key: string): key is TextKey => Object.hasOwn(id, key);

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** A time relative to now in words, such as "three hours ago". */
export function ago(time: string, now = nowMs()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  return t("just_now");
}

export const when = (time: string): string =>
  new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));

/** The time of an appointment with its zone: the device of a member who is elsewhere shows another hour. */
export const appointment = (time: string): string =>
  new Intl.DateTimeFormat(language.value, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(new Date(time));

/** The device's time zone, such as "WIB". */
export const zone = (): string =>
  new Intl.DateTimeFormat(language.value, { timeZoneName: "short" })
    .formatToParts()
    .find(({ type }) => type === "timeZoneName")?.value ?? "";

/** A duration in its largest whole unit, such as "7 hours". */
export function duration(minutes: number): string {
  const [value, unit] =
    minutes < 120 ? [minutes, "minute"] : minutes < 2880 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
  return new Intl.NumberFormat(language.value, {
    style: "unit",
    unit,
    unitDisplay: "long",
    maximumFractionDigits: 0,
  }).format(value);
}

/** Hours in words, such as "1 hour" or "2.5 hours". */
export const hours = (value: number): string =>
  new Intl.NumberFormat(language.value, {
    style: "unit",
    unit: "hour",
    unitDisplay: "long",
    maximumFractionDigits: 1,
  }).format(value);

export const number = (value: number, digits = 1): string =>
  new Intl.NumberFormat(language.value, { maximumFractionDigits: digits }).format(value);
