import { expect, test } from "vitest";
import { Language } from "../../platform/language/index.ts";
import { KINDS } from "./kinds.ts";
import { sentenceOf } from "./sentences.ts";

const english = (text: string) => text;
const facts = { actor: "budi", title: "Clear the drain. “Now”", outcome: null };

test("every kind of notification has its own sentence in both languages, with unchanged names and titles", async () => {
  const indonesian = await Language.voice("id");
  for (const say of [english, indonesian]) {
    const sentences = KINDS.map((kind) => sentenceOf({ kind, ...facts }, say) ?? "");
    expect(new Set(sentences).size).toBe(KINDS.length);
    expect(sentences.filter((sentence) => sentence.includes(facts.title)).length).toBe(KINDS.length - 4);
  }
  const same = KINDS.filter(
    (kind) => sentenceOf({ kind, ...facts }, english) === sentenceOf({ kind, ...facts }, indonesian),
  );
  expect(same).toEqual([]);
});

test("the sentence of a notification about a decision states the outcome", () => {
  const of = (outcome: string) => sentenceOf({ ...facts, kind: "contribution_decided", outcome }, english);
  expect(of("verified")).toBe("“Clear the drain. “Now”” was verified.");
  expect(of("rejected")).toBe("“Clear the drain. “Now”” was rejected.");
});

test("a notification about hidden content has no sentence, and a notification about untitled content has a sentence without a title", () => {
  const hidden = KINDS.filter((kind) => sentenceOf({ ...facts, kind, title: null }, english) === undefined);
  expect(KINDS.filter((kind) => !hidden.includes(kind))).toEqual([
    "vouch_received",
    "invitation_accepted",
    "report_decided",
    "content_hidden",
  ]);
  expect(sentenceOf({ ...facts, kind: "vouch_received", title: null }, english)).toBe("budi vouched for you.");
});

test("the sentence of a notification that does not name the acting member calls them “A member”", () => {
  expect(sentenceOf({ ...facts, kind: "task_claimed", actor: null, title: "Wall" }, english)).toBe(
    "A member will do “Wall”.",
  );
});
