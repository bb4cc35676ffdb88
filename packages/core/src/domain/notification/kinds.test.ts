import { expect, test } from "vitest";
import { CHANNELS, DEFAULTS, KINDS, changed, channelsOf } from "./kinds.ts";

test("notifications of every kind are in the feed by default, and in digests unless a digest would come too late", () => {
  expect(Object.keys(DEFAULTS).toSorted()).toEqual([...KINDS].toSorted());
  for (const kind of KINDS) expect(Object.keys(channelsOf(kind, {})).toSorted()).toEqual([...CHANNELS].toSorted());
  expect(KINDS.filter((kind) => !DEFAULTS[kind].feed)).toEqual([]);
  expect(KINDS.filter((kind) => !DEFAULTS[kind].mail)).toEqual(["task_tomorrow", "task_soon"]);
});

test("frequent notifications, and notifications that require no action, are not pushed by default", () => {
  expect(KINDS.filter((kind) => !DEFAULTS[kind].push)).toEqual([
    "verification_waiting",
    "vote_received",
    "witness_answered",
    "invitation_accepted",
    "report_decided",
    "content_hidden",
  ]);
});

test("a member's setting for one channel of one kind of notification changes no other channel or kind", () => {
  const choices = changed({}, { task_claimed: { push: false } });
  expect(choices).toEqual({ task_claimed: { push: false } });
  expect(channelsOf("task_claimed", choices)).toEqual({ feed: true, mail: true, push: false });
  expect(channelsOf("task_assigned", choices)).toEqual({ feed: true, mail: true, push: true });
});

test("a later setting for a notification channel replaces the earlier one, and other channels keep theirs", () => {
  const first = changed({}, { task_claimed: { push: false }, vote_received: { push: true } });
  const then = changed(first, { task_claimed: { push: true, mail: false } });
  expect(then).toEqual({ task_claimed: { push: true, mail: false }, vote_received: { push: true } });
  expect(channelsOf("vote_received", then)).toEqual({ feed: true, mail: true, push: true });
});
