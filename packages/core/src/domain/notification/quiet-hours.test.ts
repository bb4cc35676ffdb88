import { expect, test } from "vitest";
import { afterQuietHours, isQuiet, isTimeZone, minuteOf, minuteOfDay, textOf } from "./quiet-hours.ts";

const NIGHT = { from: minuteOf("21:00"), until: minuteOf("06:00") };
const NOON = { from: minuteOf("12:00"), until: minuteOf("13:30") };
const at = (text: string) => new Date(text);

test("times of quiet hours are converted to minutes after midnight and back", () => {
  expect(["00:00", "00:01", "01:00", "21:30", "23:59"].map(minuteOf)).toEqual([0, 1, 60, 1290, 1439]);
  expect([0, 1, 60, 1290, 1439].map(textOf)).toEqual(["00:00", "00:01", "01:00", "21:30", "23:59"]);
});

test("quiet hours contain their first minute and not their last, also past midnight", () => {
  const quiet = (text: string, hours: typeof NIGHT) => isQuiet(minuteOf(text), hours);
  expect(["20:59", "21:00", "23:59", "00:00", "05:59", "06:00", "12:00"].map((text) => quiet(text, NIGHT))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(["11:59", "12:00", "13:29", "13:30"].map((text) => quiet(text, NOON))).toEqual([false, true, true, false]);
});

test("a time zone must be a name of the IANA database", () => {
  expect(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Berlin", "UTC"].filter(isTimeZone)).toHaveLength(5);
  expect(["", "Mars/Olympus", "+07:00", "Asia/Jakarta;", "7"].filter(isTimeZone)).toEqual([]);
});

test("the minute of the day is computed in the member's time zone", () => {
  const noon = at("2026-05-01T05:30:20Z");
  expect(
    ["Asia/Jakarta", "Asia/Makassar", "UTC", "Asia/Kathmandu"].map((zone) => textOf(minuteOfDay(noon, zone))),
  ).toEqual(["12:30", "13:30", "05:30", "11:15"]);
  expect(minuteOfDay(at("2026-04-30T17:00:00Z"), "Asia/Jakarta")).toBe(0);
});

test("a notification that is due in quiet hours waits for the minute in which they end", () => {
  const after = (text: string, hours: typeof NIGHT | null, zone = "Asia/Jakarta") =>
    afterQuietHours(at(text), hours, zone).toISOString();
  expect(after("2026-05-01T05:00:00.500Z", NIGHT)).toBe("2026-05-01T05:00:00.500Z");
  expect(after("2026-05-01T16:00:30Z", NIGHT)).toBe("2026-05-01T23:00:00.000Z");
  expect(after("2026-05-01T22:59:59.999Z", NIGHT)).toBe("2026-05-01T23:00:00.000Z");
  expect(after("2026-05-01T23:00:00Z", NIGHT)).toBe("2026-05-01T23:00:00.000Z");
  expect(after("2026-05-01T16:00:30Z", null)).toBe("2026-05-01T16:00:30.000Z");
  expect(after("2026-05-01T05:15:00Z", NOON)).toBe("2026-05-01T06:30:00.000Z");
  expect(after("2026-05-01T16:00:30Z", NIGHT, "UTC")).toBe("2026-05-01T16:00:30.000Z");
});

test("quiet hours last an hour longer when the clock is put back, and an hour shorter when it is put forward", () => {
  const back = afterQuietHours(at("2026-10-24T20:00:00Z"), NIGHT, "Europe/Berlin");
  expect(back.toISOString()).toBe("2026-10-25T05:00:00.000Z");
  const forward = afterQuietHours(at("2026-03-28T21:00:00Z"), NIGHT, "Europe/Berlin");
  expect(forward.toISOString()).toBe("2026-03-29T05:00:00.000Z");
});
