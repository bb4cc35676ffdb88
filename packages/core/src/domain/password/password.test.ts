import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { Config } from "../../platform/config.ts";
import { AppError } from "../../platform/error.ts";
import { resetAll } from "../../platform/reset.ts";
import { Password } from "./password.ts";

test("a password verifies only against its own hash, and a check for a missing account does the same work", async () => {
  const phc = await Password.hash("a calm river at dusk");
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await Password.hash("a calm river at dusk")).not.toBe(phc);
  expect(await Password.verify("a calm river at dusk", phc)).toBe(true);
  expect(await Password.verify("a calm river at dawn", phc)).toBe(false);
  expect(await Password.verify("a calm river at dusk", undefined)).toBe(false);
  expect(await Password.verify("a calm river at dusk", null)).toBe(false);
});

test("a password hash with other cost parameters still verifies, so that costs can be raised", async () => {
  const cost = { memory: 4096, passes: 3, parallelism: 2, tagLength: 24 };
  const made = argon2Sync("argon2id", { message: "a calm river", nonce: "somesaltsomesalt", ...cost });
  const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64").replaceAll("=", "");
  const phc = `$argon2id$v=19$m=4096,t=3,p=2$${base64("somesaltsomesalt")}$${base64(made)}`;
  expect(await Password.verify("a calm river", phc)).toBe(true);
  expect(await Password.verify("a calm rivers", phc)).toBe(false);
});

test("changed cost parameters apply only to new password hashes, and a reset restores the default", async () => {
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
])("a stored string that is not an Argon2id PHC string (%j) never verifies", async (phc) => {
  expect(await Password.verify("a calm river at dusk", phc)).toBe(false);
});

test("a password typed with equivalent Unicode characters on another phone verifies", async () => {
  const [composed, decomposed] = ["caf\u00e9 by the river", "cafe\u0301 by the river"];
  expect(composed).not.toBe(decomposed);
  expect(await Password.verify(decomposed, await Password.hash(composed))).toBe(true);
});

/** The message of the field error that rejects a password for this member; undefined when the password is accepted. */
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
  [
    "letters that look like those of a common password",
    [
      "раѕѕwоrd1234",
      "ｐａｓｓｗｏｒｄ１２３４",
      "pässwörd1234",
      "pass\u200bword1234",
      "ιlοvεуου12345",
      "gоtоng rоуоng",
    ],
  ],
  ["a repeated string", ["abcabcabcabc", "abababababab", "aaaaaaaaaaaa", "x9!x9!x9!x9!", "kucing1kucing1"]],
  ["a keyboard walk", ["qwertyuiop12", "1qaz2wsx3edc", "asdfghjkl;'\\", "zaq12wsxcde3", "poiuytrewq09"]],
  ["an alphabet walk", ["abcdefghijkl", "0123456789012", "zyxwvutsrqpo"]],
  ["dates", ["17081945-1945", "17agustus1945", "1990-01-31 1990", "31/12/1999!!!", "01021990 01021990"]],
])("a guessable password is rejected: %s", async (_kind, passwords) => {
  for (const password of passwords) expect(await refusalOf(password), password).toBe(COMMON);
});

test("the platform's name, and words of at least four letters in the stage's name, are guessable passwords", async () => {
  Config.use({ STAGE: "tenant-cibeunying-desa-adi" });
  try {
    expect(await refusalOf("cibeunying2026")).toBe(COMMON);
    expect(await refusalOf("desa qx 12345")).toBe(COMMON);
    expect(await refusalOf("adi qxm 12345")).toBeUndefined();
    expect(await refusalOf("qx gotong 12345")).toBe(COMMON);
    expect(await refusalOf("qx royong 12345")).toBe(COMMON);
    expect(await refusalOf("a calm river in cibeunying")).toBeUndefined();
  } finally {
    Config.use({});
  }
});

/** Measures the CPU time of three verifications, in all threads. */
async function costOf(phc: string | undefined): Promise<number> {
  const before = process.cpuUsage();
  for (let times = 0; times < 3; times += 1) await Password.verify("a calm river at dusk", phc);
  return process.cpuUsage(before).user;
}

test("a login to a missing account costs as much CPU time as a wrong password", async () => {
  const phc = await Password.hash("a calm river at dawn");
  await costOf(undefined); // creates the decoy hash first
  const [known, unknown] = [await costOf(phc), await costOf(undefined)];
  expect(unknown / known).toBeGreaterThan(0.4);
});

test("a password must not contain a username or local part of an e-mail address of three or more characters, in any case", async () => {
  const named = "guessable: must not contain the username or the local part of the e-mail address";
  expect(await refusalOf("my WULAN likes rivers")).toBe(named);
  expect(await refusalOf("my Sari.Dewi likes rivers")).toBe(named);
  expect(await refusalOf("my wυlаn likes rivers")).toBe(named);
  expect(await refusalOf("example.org likes rivers")).toBeUndefined();
  expect(await refusalOf("the adi likes rivers", "ADI")).toBe(named);
  expect(await refusalOf("go at it my rivers", "go")).toBeUndefined();
  expect(await refusalOf("a calm river at dusk")).toBeUndefined();
});
