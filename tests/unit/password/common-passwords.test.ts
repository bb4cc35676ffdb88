// These tests check thousands of passwords against the whole blocklist. The tests of single rules are in another file.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as indonesia } from "@zxcvbn-ts/language-id";
import * as v from "valibot";
import { expect, test } from "vitest";
import { Guessable } from "@gotong/core/domain/password/guessable.ts";
import { sized } from "../../harness/size.ts";

test("the 10,000 most common passwords are rejected, also with four digits appended, and so are common Indonesian words", async () => {
  const words = v.parse(v.array(v.string()), common["passwords-common"]).slice(0, 10_000);
  expect(words.filter((word) => !Guessable.isCommon(word.toLowerCase()))).toEqual([]);
  const padded = words.filter((word) => /^[a-z]{8,}$/.test(word)).map((word) => `${word}2024`);
  expect(padded.length).toBeGreaterThan(1_000);
  expect(padded.filter((password) => !Guessable.isGuessable(password, []))).toEqual([]);
  const indonesian = v.parse(v.array(v.string()), indonesia["commonWords-id"]).filter((word) => word.length >= 8);
  const missed = indonesian.slice(0, 500).filter((word) => !Guessable.isGuessable(`${word}1234`, []));
  expect(missed).toEqual([]);
});

test("passphrases of four random words are accepted, and few random texts are false positives", () => {
  const words = v.parse(v.array(v.string()), common["diceware-common"]);
  // A deterministic sequence, so that the test always passes or always fails (Park and Miller 1988).
  let seed = 1;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647);
  const word = () => words[next() % words.length] ?? "";
  const phrases = Array.from({ length: sized(500, 2_000) }, () =>
    [word(), word(), word(), word()].join(next() % 2 ? " " : ""),
  );
  expect(Guessable.isGuessable("🌊🌾🛶🐃🌊🌾🛶🌴12345678", [])).toBe(false);
  expect(phrases.filter((phrase) => Guessable.isGuessable(phrase, ["gotong", "royong"]))).toEqual([]);
  const texts = Array.from({ length: 50_000 }, () => `${next().toString(36)}${next().toString(36)}`);
  expect(texts.filter((text) => Guessable.isCommon(text)).length).toBeLessThan(15);
});

test("none of many random passwords is rejected", () => {
  const random = (at: number) => createHash("sha256").update(`seed ${at}`).digest();
  const made = Array.from({ length: sized(250, 1_000) }, (_, at) => random(at)).flatMap((bytes) => [
    bytes.toString("base64url").slice(0, 12).toLowerCase(),
    bytes.toString("hex").slice(0, 16),
    bytes.toString("hex").slice(0, 20),
    `walk slowly ${bytes.toString("hex")}`,
  ]);
  expect(made.filter((password) => Guessable.isGuessable(password, ["gotong royong"]))).toEqual([]);
});

const COMMITTED = join(import.meta.dirname, "../../../packages/core/src/domain/password/common-passwords.ts");

test("the committed list of common passwords equals the output of `npm run generate -- passwords`", () => {
  const directory = mkdtempSync(join(tmpdir(), "gotong-passwords-"));
  try {
    const made = join(directory, "made.ts");
    const script = join(import.meta.dirname, "../../../scripts/common-passwords.ts");
    execFileSync(process.execPath, [script, made], { stdio: "ignore" });
    expect(readFileSync(made, "utf8")).toBe(readFileSync(COMMITTED, "utf8"));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
