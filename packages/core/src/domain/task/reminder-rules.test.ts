import { expect, test } from "vitest";
import { dueReminder, nextReminderAt } from "./reminder-rules.ts";

const START = new Date("2026-05-10T07:00:00Z");
const before = (hours: number) => new Date(START.getTime() - hours * 3_600_000);

test("reminders of a task are due a day and an hour before it begins, and a reminder whose time has passed is not scheduled", () => {
  expect(nextReminderAt(null, before(1))).toBeNull();
  expect(nextReminderAt(START, before(100))).toEqual(before(24));
  expect(nextReminderAt(START, before(24.001))).toEqual(before(24));
  expect(nextReminderAt(START, before(24))).toEqual(before(1));
  expect(nextReminderAt(START, before(1.001))).toEqual(before(1));
  expect(nextReminderAt(START, before(1))).toBeNull();
  expect(nextReminderAt(START, before(-5))).toBeNull();
});

test("after an outage has delayed several reminders of a task, only the latest is sent, and none once the task has begun", () => {
  expect(dueReminder(START, before(24.001))).toBeUndefined();
  expect(dueReminder(START, before(24))).toBe("task_tomorrow");
  expect(dueReminder(START, before(1.001))).toBe("task_tomorrow");
  expect(dueReminder(START, before(1))).toBe("task_soon");
  expect(dueReminder(START, before(0.001))).toBe("task_soon");
  expect(dueReminder(START, START)).toBeUndefined();
  expect(dueReminder(START, before(-1))).toBeUndefined();
});
