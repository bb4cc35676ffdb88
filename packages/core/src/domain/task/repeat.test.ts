import { expect, test } from "vitest";
import { later, periodsUntil } from "./repeat.ts";

const at = (text: string) => new Date(`${text}T08:00:00Z`);

test("a monthly repetition of a task on the 31st falls on the last day of a shorter month", () => {
  expect(later(at("2026-01-31"), "monthly", 1)).toEqual(at("2026-02-28"));
  expect(later(at("2028-01-31"), "monthly", 1)).toEqual(at("2028-02-29"));
  expect(later(at("2026-12-15"), "monthly", 2)).toEqual(at("2027-02-15"));
  expect(later(at("2026-12-28"), "weekly", 1)).toEqual(at("2027-01-04"));
});

test("the next repetition of a task is the first one in the future, however late the task was completed", () => {
  const next = (date: string, repeats: "weekly" | "monthly", now: string) =>
    later(at(date), repeats, periodsUntil(at(date), repeats, new Date(now)));
  expect(next("2026-05-01", "weekly", "2026-05-01T10:00:00Z")).toEqual(at("2026-05-08"));
  expect(next("2026-05-01", "weekly", "2026-04-20T10:00:00Z")).toEqual(at("2026-05-08"));
  expect(next("2026-05-01", "weekly", "2026-05-08T08:00:00Z")).toEqual(at("2026-05-15"));
  expect(next("2026-05-01", "weekly", "2026-06-02T10:00:00Z")).toEqual(at("2026-06-05"));
  expect(next("2026-01-31", "monthly", "2026-02-28T07:00:00Z")).toEqual(at("2026-02-28"));
  expect(next("2026-01-31", "monthly", "2026-02-28T08:00:00Z")).toEqual(at("2026-03-31"));
  expect(next("2026-05-01", "monthly", "2026-03-01T08:00:00Z")).toEqual(at("2026-06-01"));
  expect(periodsUntil(null, "monthly", at("2026-05-01"))).toBe(1);
});
