import { expect, test } from "vitest";
import { statusOf } from "./state.ts";

const facts = {
  places: 0,
  completed: 0,
  peopleNeeded: 3,
  hasStarted: false,
  isClosed: false,
  isOrphan: false,
};

test("a task for several people is open while a place is free, even if some assignees have started", () => {
  expect(statusOf(facts)).toBe("open");
  expect(statusOf({ ...facts, places: 2, completed: 2, hasStarted: true })).toBe("open");
});

test("a full or closed task for several people is assigned, then in progress, and completed once its last assignee completes it", () => {
  for (const full of [
    { ...facts, places: 3 },
    { ...facts, places: 2, isClosed: true },
  ]) {
    expect(statusOf(full)).toBe("assigned");
    expect(statusOf({ ...full, hasStarted: true })).toBe("in_progress");
    expect(statusOf({ ...full, hasStarted: true, completed: full.places - 1 })).toBe("in_progress");
    expect(statusOf({ ...full, hasStarted: true, completed: full.places })).toBe("completed");
  }
});

test("a task for several people without assignees is open again, or cancelled if its creator's account is deleted", () => {
  expect(statusOf({ ...facts, isClosed: true })).toBe("open");
  expect(statusOf({ ...facts, isClosed: true, isOrphan: true })).toBe("cancelled");
});
