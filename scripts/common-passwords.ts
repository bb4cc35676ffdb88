// Writes packages/core/src/domain/password/common-passwords.ts, a Bloom filter of the most common passwords. `npm run
// generate -- passwords` runs it; an argument sets another output file.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as indonesian } from "@zxcvbn-ts/language-id";
import * as v from "valibot";
import { positionsOf } from "../packages/core/src/domain/password/bloom.ts";

const Words = v.array(v.string());
/**
 * Number of common passwords in the filter. NIST SP 800-63B-4 §3.1.1.2 requires a blocklist; a rate-limited attacker
 * can try at most the most common 10,000.
 */
const MOST_COMMON = 10_000;
const INDONESIAN_WORDS = 4_000;
/**
 * Length from which passwords are included whatever their rank, since the other rules would accept them as strong
 * enough.
 */
const LONG = 12;
/**
 * Size of the filter for a false positive rate of one in 700,000 strings. A password is looked up in about ten
 * variants, so one random password in 70,000 is rejected.
 */
const BITS_PER_WORD = 28;
const HASHES = 19;

const passwords = v.parse(Words, common["passwords-common"]);
const chosen = new Set(
  [
    ...passwords.slice(0, MOST_COMMON),
    ...passwords.filter((word) => word.length >= LONG),
    ...v
      .parse(Words, indonesian["commonWords-id"])
      .filter((word) => word.length >= 4)
      .slice(0, INDONESIAN_WORDS),
    ...v.parse(Words, indonesian["names-id"]).filter((word) => word.length >= 4),
    ...`gotongroyong gotong royong kerjabakti musyawarah bismillah alhamdulillah assalamualaikum insyaallah akucintakamu akusayangkamu
    sayangkamu sayang rahasia indonesia merdeka garuda pancasila jakarta bandung surabaya yogyakarta semarang medan makassar denpasar
    persib persija kucing semangat katasandi sandiku passwordku correcthorse batterystaple correcthorsebatterystaple thisisapassword
    mysecretpassword changeme changemenow administrator iloveyousomuch iloveyouforever yourpassword mypassword letmeinplease`.split(
      /\s+/,
    ),
  ].map((word) => word.toLowerCase()),
);

const bits = Math.ceil((chosen.size * BITS_PER_WORD) / 8) * 8;
const filter = Buffer.alloc(bits / 8);
for (const word of chosen)
  for (const position of positionsOf(word, bits, HASHES))
    filter[position >> 3] = (filter[position >> 3] ?? 0) | (1 << (position & 7));

const committed = join(import.meta.dirname, "..", "packages/core/src/domain/password/common-passwords.ts");
writeFileSync(
  process.argv[2] ?? committed,
  `// Made by \`npm run generate -- passwords\`. Changes here are lost.
// From the dictionaries of zxcvbn-ts (MIT, https://github.com/zxcvbn-ts/zxcvbn), whose Indonesian words come from OpenSubtitles 2024 via
// OPUS (ODC-BY, https://opus.nlpl.eu).

/** A Bloom filter of ${chosen.size} common passwords, words and names, in lower case. */
export const COMMON = {
  bits: ${bits},
  hashes: ${HASHES},
  /** Length of the longest entry, in characters. */
  longest: ${Math.max(...[...chosen].map((word) => word.length))},
  base64:
    "${filter.toString("base64")}",
} as const;
`,
);
process.stdout.write(`${chosen.size} words, ${filter.length} bytes\n`);
