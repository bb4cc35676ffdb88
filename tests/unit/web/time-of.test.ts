import { afterEach, expect, test } from "vitest";
import { timeOf } from "../../../packages/web/src/pages/work/time-of.ts";

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const timeIn = (reader: string, taken_at: string | null, utc_offset: string | null): string => {
  process.env["TZ"] = reader;
  const piece = { details: { file: { taken_at, utc_offset } }, timestamp: "2026-07-01T09:30:00.000Z" };
  return new Date(timeOf(piece)).toISOString();
};

test.each(["UTC", "Asia/Jayapura", "America/New_York"])(
  "the time of a file with a UTC offset does not depend on the time zone of the device, such as %s",
  (reader) => {
    expect(timeIn(reader, "2026-07-01T08:00:00", "+07:00")).toBe("2026-07-01T01:00:00.000Z");
    expect(timeIn(reader, "2026-07-01T08:00:00", "Z")).toBe("2026-07-01T08:00:00.000Z");
  },
);

test("a file's time without a UTC offset is read in the device's time zone; for a file without a time, the submitted time is used", () => {
  expect(timeIn("Asia/Jayapura", "2026-07-01T08:00:00", null)).toBe("2026-06-30T23:00:00.000Z");
  expect(timeIn("Asia/Jayapura", null, null)).toBe("2026-07-01T09:30:00.000Z");
});
