import { expect, test } from "vitest";
import { digestDueAt, firstLookAt } from "./digest-rules.ts";

const at = (text: string) => new Date(text);
const due = (since: readonly string[], quietHours: { from: number; until: number } | null = null) =>
  digestDueAt({ since: since.map(at), quietHours, timeZone: "UTC" })?.toISOString() ?? null;

test("no digest is due for a member without unread notifications", () => {
  expect(due([])).toBe(null);
});

test("the digest of a single notification is due after a week", () => {
  expect(due(["2026-05-01T08:00:00Z"])).toBe("2026-05-08T08:00:00.000Z");
});

test("the digest of several notifications within two days is due two days after the first", () => {
  expect(due(["2026-05-01T08:00:00Z", "2026-05-01T09:00:00Z"])).toBe("2026-05-03T08:00:00.000Z");
  expect(due(["2026-05-01T08:00:00Z", "2026-05-03T08:00:00Z"])).toBe("2026-05-03T08:00:00.000Z");
});

test("a notification that comes more than two days after the first leaves the digest due a week after the first", () => {
  expect(due(["2026-05-01T08:00:00Z", "2026-05-03T08:00:00.001Z"])).toBe("2026-05-08T08:00:00.000Z");
});

test("digests are due at full quarters of an hour, never before their exact time", () => {
  expect(due(["2026-05-01T08:00:00.001Z"])).toBe("2026-05-08T08:15:00.000Z");
  expect(due(["2026-05-01T08:14:59Z"])).toBe("2026-05-08T08:15:00.000Z");
});

test("a digest that is due in quiet hours, or rounded into them, is due when they end", () => {
  const night = { from: 21 * 60, until: 6 * 60 };
  expect(due(["2026-05-01T23:00:00Z"], night)).toBe("2026-05-09T06:00:00.000Z");
  expect(due(["2026-05-01T20:50:00Z"], night)).toBe("2026-05-09T06:00:00.000Z");
  expect(due(["2026-05-01T20:45:00Z"], night)).toBe("2026-05-08T20:45:00.000Z");
});

test("the first check of a member's notifications is two days after the oldest, the earliest time at which a digest can be due", () => {
  expect(firstLookAt(at("2026-05-01T08:00:00Z")).toISOString()).toBe("2026-05-03T08:00:00.000Z");
});
