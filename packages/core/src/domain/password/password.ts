import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { Characters } from "../../platform/characters.ts";
import { assertNoConnectionInUse } from "../../platform/db/scope.ts";
import { invalidField } from "../../platform/error.ts";
import { Config } from "../../platform/config.ts";
import { lazy } from "../../platform/lazy.ts";
import { onReset } from "../../platform/reset.ts";
import { Hashing } from "./hashing.ts";

export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 128;

/** Cost parameters of the OWASP Password Storage Cheat Sheet for Argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
let cost: Readonly<typeof COST> = COST;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

/** Loads the rules at first use: only requests that set a password need them. */
const guessable = lazy(() => import("./guessable.ts"));
const derive = promisify(argon2);

/**
 * Hashes a password with Argon2id, as a PHC string.
 * @throws AppError UNAVAILABLE when too many hashes are waiting, see {@link Hashing.run}
 */
export async function hash(password: string): Promise<string> {
  assertNoConnectionInUse("password");
  return Hashing.run(() => toPhc(password));
}

async function toPhc(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive("argon2id", { message: normalise(password), nonce, ...cost });
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(nonce)}$${base64(tag)}`;
}

let decoy: string | undefined;

/** Replaces the cost of new hashes, for tests: a hash takes about 30 ms of CPU time. Undefined restores the default. */
export function useCost(other: Partial<typeof COST> | undefined): void {
  cost = { ...COST, ...other };
  decoy = undefined;
}
onReset(() => useCost(undefined));

/**
 * Whether `phc` is the hash of `password`. Without a hash (no such account), does the same work on a decoy, so that
 * timing reveals nothing.
 * @param assertAllowed called when the job leaves the queue, so that guesses that waited while their account was locked
 * cost no hash
 * @throws AppError UNAVAILABLE when too many hashes are waiting, see {@link Hashing.run}; the errors of `assertAllowed`
 */
export async function verify(
  password: string,
  phc: string | null | undefined,
  assertAllowed: () => Promise<void> = () => Promise.resolve(),
): Promise<boolean> {
  assertNoConnectionInUse("password");
  return Hashing.run(async () => {
    await assertAllowed();
    decoy ??= await toPhc(randomBytes(16).toString("hex"));
    const [, memory, passes, parallelism, nonce, tag] = PHC.exec(phc ?? decoy) ?? [];
    if (nonce === undefined || tag === undefined) return false;
    const expected = Buffer.from(tag, "base64");
    const actual = await derive("argon2id", {
      message: normalise(password),
      nonce: Buffer.from(nonce, "base64"),
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: expected.length,
    });
    return timingSafeEqual(actual, expected) && phc != null;
  });
}

/**
 * Rejects a guessable password (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 §6.2): a common one (see guessable.ts), or
 * one that contains the username or the local part of the e-mail address.
 * @param field the field of the error
 * @throws AppError VALIDATION_FAILED on that field
 */
export async function assertUnguessable(
  password: string,
  username: string,
  email: string,
  field = "password",
): Promise<void> {
  const { Guessable } = await guessable();
  const plain = Guessable.asItLooks(password);
  if (Guessable.isGuessable(plain, contextWords())) {
    throw invalidField(field, "guessable", "is a common password; choose another");
  }
  for (const name of [username, email.split("@")[0] ?? ""]) {
    if (Characters.count(name) >= 3 && plain.includes(Guessable.asItLooks(name))) {
      throw invalidField(field, "guessable", "must not contain the username or the local part of the e-mail address");
    }
  }
}

/** Words that everyone on this stage knows: the platform's name, and the words in the stage's name. */
const contextWords = () => [
  "gotong",
  "royong",
  ...Config.section("service")
    .STAGE.split(/[^a-z]/)
    .filter((word) => word.length >= 4),
];

/**
 * Normalises Unicode, so that the same characters typed on two phones are the same password (NIST SP 800-63B-4
 * §3.1.1.2).
 */
const normalise = (password: string) => password.normalize("NFKC");
const base64 = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");

export * as Password from "./password.ts";
