import { argon2Sync, createHash } from "node:crypto";
import { dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as indonesia } from "@zxcvbn-ts/language-id";
import * as v from "valibot";
import { expect, test } from "vitest";
import { Config } from "../../platform/config.ts";
import { AppError } from "../../platform/error.ts";
import { resetAll } from "../../platform/reset.ts";
import { Guessable } from "./guessable.ts";
import { Password } from "./password.ts";

test("a password verifies only against its own hash, and a missing account costs the same work", async () => {
  const phc = await Password.hash("a calm river at dusk");
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await Password.hash("a calm river at dusk")).not.toBe(phc);
  expect(await Password.verify("a calm river at dusk", phc)).toBe(true);
  expect(await Password.verify("a calm river at dawn", phc)).toBe(false);
  expect(await Password.verify("a calm river at dusk", undefined)).toBe(false);
  expect(await Password.verify("a calm river at dusk", null)).toBe(false);
});

test("a hash with other costs still verifies, so that costs can be raised", async () => {
  const cost = { memory: 4096, passes: 3, parallelism: 2, tagLength: 24 };
  const made = argon2Sync("argon2id", { message: "a calm river", nonce: "somesaltsomesalt", ...cost });
  const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64").replaceAll("=", "");
  const phc = `$argon2id$v=19$m=4096,t=3,p=2$${base64("somesaltsomesalt")}$${base64(made)}`;
  expect(await Password.verify("a calm river", phc)).toBe(true);
  expect(await Password.verify("a calm rivers", phc)).toBe(false);
});

test("a replaced cost applies to new hashes only, and the reset restores it", async () => {
  Password.useCost({ memory: 64, passes: 1 });
  const cheap = await Password.hash("a calm river at dusk");
  expect(cheap).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  resetAll();
  expect(await Password.hash("a calm river at dusk")).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await Password.verify("a calm river at dusk", cheap)).toBe(true);
});

test.each([
  "",
  "x",
  "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA",
  "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA",
  "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
  "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2g$more",
  "before$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2g",
])("a stored text that is no Argon2id PHC string (%j) never verifies", async (phc) => {
  expect(await Password.verify("a calm river at dusk", phc)).toBe(false);
});

test("the same characters typed on two phones are the same password", async () => {
  const [composed, decomposed] = ["caf\u00e9 by the river", "cafe\u0301 by the river"];
  expect(composed).not.toBe(decomposed);
  expect(await Password.verify(decomposed, await Password.hash(composed))).toBe(true);
});

/** The field error with which a password is refused for this member; undefined when it is accepted. */
async function refusalOf(
  password: string,
  username = "wulan",
  email = "sari.dewi@example.org",
): Promise<string | undefined> {
  try {
    await Password.assertUnguessable(password, username, email);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [first, ...others] = error.errors;
    expect([error.code, first?.field, others]).toEqual(["VALIDATION_FAILED", "password", []]);
    return `${first?.code}: ${first?.message}`;
  }
}

const COMMON = "guessable: is a common password; choose another";

test.each([
  [
    "a common password with digits appended, in any case",
    ["password1234", "PassWord1234", "sunshine99999", "liverpool2019!"],
  ],
  ["a common password with symbols in place of letters", ["p@ssw0rd1234", "P4$$word!!!!", "1loveyou12345"]],
  ["a common password with symbols around and between", ["!!!dragon!!!!", "__monkey__2024", "pass-word-1234"]],
  ["two common words", ["dragonmonkey", "password-qwerty", "iloveyou.princess"]],
  [
    "a long password that is in the list",
    ["qwertyuiopasdfghjkl", "correcthorsebatterystaple", "correct horse battery staple"],
  ],
  [
    "an Indonesian word",
    ["bismillah123", "rahasia12345", "akucintakamu", "sayangsayang", "indonesia2024", "semangat45!!"],
  ],
  ["words of the platform's name", ["gotongroyong", "Gotong Royong!", "gotong_royong_2026", "royong-gotong-1"]],
  ["a repeated string", ["abcabcabcabc", "abababababab", "aaaaaaaaaaaa", "x9!x9!x9!x9!", "kucing1kucing1"]],
  ["a keyboard walk", ["qwertyuiop12", "1qaz2wsx3edc", "asdfghjkl;'\\", "zaq12wsxcde3", "poiuytrewq09"]],
  ["an alphabet walk", ["abcdefghijkl", "0123456789012", "zyxwvutsrqpo"]],
  ["dates", ["17081945-1945", "17agustus1945", "1990-01-31 1990", "31/12/1999!!!", "01021990 01021990"]],
])("refuses %s", async (_kind, passwords) => {
  for (const password of passwords) expect(await refusalOf(password), password).toBe(COMMON);
});

test("the 10,000 most common passwords, the same with four digits appended, and common Indonesian words are refused", async () => {
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
  const phrases = Array.from({ length: 2_000 }, () => [word(), word(), word(), word()].join(next() % 2 ? " " : ""));
  expect(Guessable.isGuessable("🌊🌾🛶🐃🌊🌾🛶🌴12345678", [])).toBe(false);
  expect(phrases.filter((phrase) => Guessable.isGuessable(phrase, ["gotong", "royong"]))).toEqual([]);
  const texts = Array.from({ length: 50_000 }, () => `${next().toString(36)}${next().toString(36)}`);
  expect(texts.filter((text) => Guessable.isCommon(text)).length).toBeLessThan(15);
});

test("words of the stage's name are guessable", async () => {
  Config.use({ STAGE: "tenant-cibeunying" });
  try {
    expect(await refusalOf("cibeunying2026")).toBe(COMMON);
    expect(await refusalOf("a calm river in cibeunying")).toBeUndefined();
  } finally {
    Config.use({});
  }
});

test("a password must not contain the username or the e-mail's local part in any case, unless it is very short", async () => {
  const named = "guessable: must not contain the username or the local part of the e-mail address";
  expect(await refusalOf("my WULAN likes rivers")).toBe(named);
  expect(await refusalOf("my Sari.Dewi likes rivers")).toBe(named);
  expect(await refusalOf("example.org likes rivers")).toBeUndefined();
  expect(await refusalOf("the adi likes rivers", "ADI")).toBe(named);
  expect(await refusalOf("go at it my rivers", "go")).toBeUndefined();
  expect(await refusalOf("a calm river at dusk")).toBeUndefined();
});

test("none of 4,000 random passwords is refused", () => {
  const random = (at: number) => createHash("sha256").update(`seed ${at}`).digest();
  const made = Array.from({ length: 1_000 }, (_, at) => random(at)).flatMap((bytes) => [
    bytes.toString("base64url").slice(0, 12).toLowerCase(),
    bytes.toString("hex").slice(0, 16),
    bytes.toString("hex").slice(0, 20),
    `walk slowly ${bytes.toString("hex")}`,
  ]);
  expect(made.filter((password) => Guessable.isGuessable(password, ["gotong royong"]))).toEqual([]);
});
