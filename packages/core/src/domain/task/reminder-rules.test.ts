import { expect, test } from "vitest";
import { dueReminder, nextReminderAt } from "./reminder-rules.ts";

const START = new Date("2026-05-10T07:00:00Z");
const before = (hours: number) => new Date(START.getTime() - hours * 3_600_000);

test("people are reminded a day and an hour before the beginning, and never after a time that has passed", () => {
  expect(nextReminderAt(null, before(1))).toBeNull();
  expect(nextReminderAt(START, before(100))).toEqual(before(24));
  expect(nextReminderAt(START, before(24.001))).toEqual(before(24));
  expect(nextReminderAt(START, before(24))).toEqual(before(1));
  expect(nextReminderAt(START, before(1.001))).toEqual(before(1));
  expect(nextReminderAt(START, before(1))).toBeNull();
  expect(nextReminderAt(START, before(-5))).toBeNull();
});

test("after an outage has delayed several reminders, only the latest is sent, and none once the work has begun", () => {
  expect(dueReminder(START, before(24.001))).toBeUndefined();
  expect(dueReminder(START, before(24))).toBe("task_tomorrow");
  expect(dueReminder(START, before(1.001))).toBe("task_tomorrow");
  expect(dueReminder(START, before(1))).toBe("task_soon");
  expect(dueReminder(START, before(0.001))).toBe("task_soon");
  expect(dueReminder(START, START)).toBeUndefined();
  expect(dueReminder(START, before(-1))).toBeUndefined();
});
