import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { AppError } from "../error.ts";
import { COMMON_PASSWORDS } from "./common-passwords.ts";
import { PASSWORD_MIN_LENGTH, Password } from "./password.ts";

test("a password verifies against its own hash only, and a missing account costs a verification too", async () => {
  const phc = await Password.hash("a calm river at dusk");
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await Password.hash("a calm river at dusk")).not.toBe(phc);
  expect(await Password.verify("a calm river at dusk", phc)).toBe(true);
  expect(await Password.verify("a calm river at dawn", phc)).toBe(false);
  expect(await Password.verify("a calm river at dusk", undefined)).toBe(false);
  expect(await Password.verify("a calm river at dusk", null)).toBe(false);
});

test("a hash made with other costs still verifies, so that costs can be raised", async () => {
  const cost = { memory: 4096, passes: 3, parallelism: 2, tagLength: 24 };
  const made = argon2Sync("argon2id", { message: "a calm river", nonce: "somesaltsomesalt", ...cost });
  const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64").replaceAll("=", "");
  const phc = `$argon2id$v=19$m=4096,t=3,p=2$${base64("somesaltsomesalt")}$${base64(made)}`;
  expect(await Password.verify("a calm river", phc)).toBe(true);
  expect(await Password.verify("a calm rivers", phc)).toBe(false);
});

test.each([
  "",
  "x",
  "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA",
  "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA",
  "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
  "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2g$more",
  "before$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2g",
])("a stored text that is no hash of ours (%j) verifies nothing", async (phc) => {
  expect(await Password.verify("a calm river at dusk", phc)).toBe(false);
});

test("the same characters typed on two phones are the same password", async () => {
  const [composed, decomposed] = ["caf\u00e9 by the river", "cafe\u0301 by the river"];
  expect(composed).not.toBe(decomposed);
  expect(await Password.verify(decomposed, await Password.hash(composed))).toBe(true);
});

/** The code with which a password is refused for this member; undefined when it is taken. */
function refusalOf(password: string, username = "wulan", email = "sari.dewi@example.org"): string | undefined {
  try {
    Password.assertUnguessable(password, username, email);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [first, ...others] = error.errors;
    expect([error.code, first?.field, others]).toEqual(["VALIDATION_FAILED", "password", []]);
    return `${first?.code}: ${first?.message}`;
  }
}

test("common passwords are refused in whatever case, and so is one of two different characters", () => {
  const common = "guessable: is a common password; choose another";
  expect(refusalOf("password1234")).toBe(common);
  expect(refusalOf("PassWord1234")).toBe(common);
  expect(refusalOf("abababababab")).toBe(common);
  expect(refusalOf("aaaaaaaaaaaa")).toBe(common);
  expect(refusalOf("abcabcabcabc")).toBeUndefined();
  expect([...COMMON_PASSWORDS].filter((one) => one.length >= PASSWORD_MIN_LENGTH).length).toBeGreaterThan(90);
  for (const one of COMMON_PASSWORDS) expect(one).toBe(one.toLowerCase());
});

test("a password must not hold the username or the name part of the address, in whatever case, unless that is very short", () => {
  const named = "guessable: must not hold the username or the e-mail name";
  expect(refusalOf("my WULAN likes rivers")).toBe(named);
  expect(refusalOf("my Sari.Dewi likes rivers")).toBe(named);
  expect(refusalOf("example.org likes rivers")).toBeUndefined();
  expect(refusalOf("the adi likes rivers", "ADI")).toBe(named);
  expect(refusalOf("go at it my rivers", "go")).toBeUndefined();
  expect(refusalOf("a calm river at dusk")).toBeUndefined();
});
