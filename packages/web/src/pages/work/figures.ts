/** Units in the API's details, by their names in `Intl`. */
const UNITS: Readonly<Record<string, string>> = {
  "km/h": "kilometer-per-hour",
  km: "kilometer",
  m: "meter",
  s: "second",
  min: "minute",
  h: "hour",
  day: "day",
  days: "day",
};

/** The numbers in the detail of a finding, such as a distance, in a language; the detail itself is English. */
export function figures(detail: string, language: string): string {
  const found = detail.matchAll(/(\d[\d,]*(?:\.\d+)?)(?:\s?(km\/h|km|m|s|min|h|days?)\b)?/g);
  return Array.from(found, ([, digits = "", sign = ""]) => {
    const unit = UNITS[sign];
    // Long names of times: the short one of a day is "hr" in Indonesian.
    const unitDisplay = unit?.includes("meter") ? "short" : "long";
    const style = unit === undefined ? {} : ({ style: "unit", unit, unitDisplay } as const);
    const format = new Intl.NumberFormat(language, { maximumFractionDigits: 1, ...style });
    return format.format(Number(digits.replaceAll(",", "")));
  }).join(" · ");
}
