import { expect, test } from "vitest";
import { CHANNELS, DEFAULTS, KINDS, changed, channelsOf } from "./kinds.ts";

test("every kind is in the feed, and in digests unless days later is too late, until its member chooses otherwise", () => {
  expect(Object.keys(DEFAULTS).toSorted()).toEqual([...KINDS].toSorted());
  for (const kind of KINDS) expect(Object.keys(channelsOf(kind, {})).toSorted()).toEqual([...CHANNELS].toSorted());
  expect(KINDS.filter((kind) => !DEFAULTS[kind].feed)).toEqual([]);
  expect(KINDS.filter((kind) => !DEFAULTS[kind].mail)).toEqual(["task_tomorrow", "task_soon"]);
});

test("what comes often, and what needs no act, does not interrupt", () => {
  expect(KINDS.filter((kind) => !DEFAULTS[kind].push)).toEqual([
    "verification_waiting",
    "vote_received",
    "witness_answered",
    "invitation_accepted",
    "report_decided",
    "content_hidden",
  ]);
});

test("a choice is for its channel of its kind, and for no other", () => {
  const choices = changed({}, { task_claimed: { push: false } });
  expect(choices).toEqual({ task_claimed: { push: false } });
  expect(channelsOf("task_claimed", choices)).toEqual({ feed: true, mail: true, push: false });
  expect(channelsOf("task_assigned", choices)).toEqual({ feed: true, mail: true, push: true });
});

test("a later choice replaces an earlier one of the same channel and keeps the others", () => {
  const first = changed({}, { task_claimed: { push: false }, vote_received: { push: true } });
  const then = changed(first, { task_claimed: { push: true, mail: false } });
  expect(then).toEqual({ task_claimed: { push: true, mail: false }, vote_received: { push: true } });
  expect(channelsOf("vote_received", then)).toEqual({ feed: true, mail: true, push: true });
});
