import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
let member: Person;
let admin: Person;
beforeAll(async () => {
  [member, admin] = await Promise.all([platform.person(), platform.person(["admin"])]);
});

const TASK = taskInput({ title: "T" });
const titled = async (title: string) => member.post("/v1/tasks", { ...TASK, title });
const described = async (description: string) => member.post("/v1/tasks", { ...TASK, description });
const refused = (field: string) => `400 VALIDATION_FAILED ${field}:characters`;

test.for([
  ["zero-width spaces", "\u200B\u200B"],
  ["soft hyphens", "\u00AD"],
  ["word joiners and a byte-order mark inside", "\u2060\uFEFF\u2060"],
  ["tag characters", "\u{E0041}\u{E0042}"],
  ["Hangul fillers, which are letters", "\u3164\u115F\uFFA0"],
  ["the empty Braille pattern", "\u2800"],
  ["variation selectors", "\uFE0F"],
  ["a combining mark without a letter", "\u0301"],
  ["joiners", "\u200D\u200C"],
])("a name of only invisible characters is rejected as empty: %s", async ([, title = ""]) => {
  expect(problem(await titled(title))).toBe(refused("title"));
  expect(problem(await admin.post("/v1/skills", { name: title, category: "c" }))).toBe(refused("name"));
  // An optional text may be empty, but must not consist only of invisible characters.
  expect(problem(await described(title))).toBe(refused("description"));
  expect(problem(await member.send("PATCH", "/v1/me", { bio: title }))).toBe(refused("bio"));
});

test.for(["\u202E", "\u202D", "\u202A", "\u2066", "\u2067", "\u2069", "\u200E", "\u200F", "\u061C"])(
  "a name that changes the text direction is rejected: %j",
  async (turn) => {
    const spoofed = `photo${turn}gpj.exe`;
    expect(problem(await titled(spoofed))).toBe(refused("title"));
    expect(problem(await member.post("/v1/tasks", { ...TASK, location: spoofed }))).toBe(refused("location"));
    expect(problem(await admin.post("/v1/skills", { name: "n", category: spoofed }))).toBe(refused("category"));
    const contribution = await contributionOf(member);
    const upload = { file_name: spoofed, content_type: "image/jpeg", size_bytes: 60_000, sha256: "a".repeat(64) };
    expect(problem(await member.post(`/v1/contributions/${contribution}/uploads`, upload))).toBe(refused("file_name"));
    const proof = { timestamp: new Date().toISOString(), witnesses: [{ witness_name: spoofed }] };
    const attested = await member.post(`/v1/contributions/${contribution}/evidence`, {
      evidence_type: "witness_attestation",
      proof,
    });
    expect(problem(attested)).toBe(refused("proof.witnesses.0.witness_name"));
  },
);

test.for(["\u206A", "\u206F", "a\uFFF9b\uFFFAc\uFFFB"])(
  "hidden format characters are rejected in names and texts: %j",
  async (hidden) => {
    expect(problem(await titled(`Clear the drain${hidden}`))).toBe(refused("title"));
    expect(problem(await described(`Before the rain${hidden}.`))).toBe(refused("description"));
  },
);

test("a file name may use any script; control characters and direction changes anywhere in it are rejected with their reason", async () => {
  const path = `/v1/contributions/${await contributionOf(member)}/uploads`;
  const asked = (file_name: string) =>
    member.post(path, { file_name, content_type: "image/jpeg", size_bytes: 60_000, sha256: "b".repeat(64) });
  for (const name of ["ꦒꦺꦴꦠꦺꦴꦁ.jpg", "گوتوڠ رويوڠ.jpg", "می\u200Cخواهم.jpg", "清掃 (2).jpg", "it's 100%.jpg"])
    expect((await asked(name)).status, name).toBe(201);
  const controls = "must not contain line breaks or other control characters";
  const direction = "must not contain characters that change the direction of text";
  for (const [name, message] of [
    ["a.jpg\r\nSet-Cookie: a=b", controls],
    ["a.jpg\r\n", controls],
    ["\na.jpg", controls],
    ["a\u0085b.jpg", controls],
    ["a\u009bb.jpg", controls],
    ["a\u2028b.jpg", controls],
    ["a\tb.jpg", controls],
    ["a\0b.jpg", controls],
    ["photo\u202Egpj.exe", direction],
    ["\u2067a.jpg\u2069", direction],
  ] as const) {
    const answer = await asked(name);
    expect(problem(answer), JSON.stringify(name)).toBe(refused("file_name"));
    expect(answer.json["errors"]?.[0]?.["message"], JSON.stringify(name)).toBe(message);
  }
});

test("a name with several lines, stacked marks, tag characters or repeated variation selectors is rejected", async () => {
  for (const title of [
    "a\nb",
    "a\tb",
    "a\u2028b",
    `a${"\u0301".repeat(10)}`,
    "a\u{E0041}",
    "a\uFE0F\uFE0F",
    "a \uFE0F",
  ])
    expect(problem(await titled(title)), JSON.stringify(title)).toBe(refused("title"));
});

test("a long text may change its direction within a paragraph", async () => {
  for (const text of ["\u2067سلام\u2069 said Budi", "\u202Bسلام\u202C.\n\u2066ok\u2069", "mark \u200F here"])
    expect((await described(text)).status, JSON.stringify(text)).toBe(201);
  for (const text of ["\u202Egpj.exe", "\u2067one\n\u2069two", "\u2069", "\u2067\u202C", "\u202A\u2069", "x\u{E0041}"])
    expect(problem(await described(text)), JSON.stringify(text)).toBe(refused("description"));
});

test.for([
  ["Javanese", "ꦒꦺꦴꦠꦺꦴꦁꦫꦺꦴꦪꦺꦴꦁ"],
  ["Pegon", "ڮوتوڠ رويوڠ"],
  ["Balinese", "ᬕᭀᬢᭀᬂᬭᭀᬬᭀᬂ"],
  ["Sundanese", "ᮌᮧᮒᮧᮀ ᮛᮧᮚᮧᮀ"],
  ["Arabic with vowel marks", "بِسْمِ ٱللَّٰهِ"],
  ["Persian with a zero-width non-joiner", "می\u200Cخواهم"],
  ["joined emoji", "👩‍👩‍👧‍👦 ❤️‍🔥 👍🏽 1️⃣ 🇮🇩"],
  ["the flag of Scotland (tag characters)", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
  ["one emoji", "😀"],
  ["punctuation", "?!"],
  ["Indonesian", "Bersih-bersih selokan RT 05 — jam 7"],
])("a title in %s is accepted and returned unchanged", async ([, title = ""]) => {
  const made = await titled(title);
  expect([made.status, made.json["title"]]).toEqual([201, title.normalize("NFC")]);
});

test("text is normalised to NFC, so that equal-looking skills exist only once", async () => {
  const tag = randomBytes(4).toString("hex");
  const made = await admin.post("/v1/skills", { name: `Cafe\u0301 ${tag}`, category: "c" });
  expect([made.status, made.json["name"]]).toEqual([201, `Café ${tag}`]);
  expect(problem(await admin.post("/v1/skills", { name: `Caf\u00E9 ${tag}`, category: "c" }))).toBe("409 SKILL_EXISTS");
});

test("completing a task copies up to 2,000 whole characters of its description, and sends the same text to Markov", async () => {
  for (const [description, taken] of [
    ["😀".repeat(2_500), "😀".repeat(2_000)],
    ["😀".repeat(1_500), "😀".repeat(1_500)],
    [`${"a".repeat(1_999)}😀😀`, `${"a".repeat(1_999)}😀`],
  ] as const) {
    const path = `/v1/tasks/${String((await described(description)).json["id"])}`;
    await member.post(`${path}/claim`);
    await member.post(`${path}/start`);
    const made = await member.post(`${path}/complete`);
    expect([made.status, made.json["description"]]).toEqual([201, taken]);
    const rows = await until(
      () => platform.sql`select body from webhook_events where subject = ${`contribution:${String(made.json["id"])}`}`,
      (found) => found.length > 0,
    );
    expect(JSON.parse(String(rows[0]?.["body"]))).toMatchObject({ subject: { description: taken } });
  }
});

const register = (username: string) =>
  platform.request("POST", "/v1/auth/register", {
    body: { username, email: `${randomUUID()}@example.org`, password: "walk slowly home" },
  });

test.for([
  "admin",
  "ADMIN",
  "a-d-m-i-n",
  "administrator",
  "root",
  "system",
  "support",
  "null",
  "undefined",
  "gotong-royong",
  "gotong_helper",
  "deleted-0123456789abcdef",
  "deleted1",
  "official",
  "noreply",
  "no-reply",
])("the username %s is reserved", async (username) => {
  expect(problem(await register(username))).toBe("400 VALIDATION_FAILED username:not_allowed");
});

test.for(["---", "___", "-sari", "sari-", "_sari", "sari_"])(
  "the username %s is rejected, since it does not start and end with a letter or digit",
  async (username) => {
    expect(problem(await register(username))).toBe("400 VALIDATION_FAILED username:format");
    const other = await platform.person();
    expect(problem(await other.send("PATCH", "/v1/me", { username }))).toBe("400 VALIDATION_FAILED username:format");
  },
);

test("a username that became reserved after its registration stays valid, but cannot be changed to another reserved username", async () => {
  const owner = await platform.person();
  await platform.sql`update users set username = 'support-' where id = ${owner.id}`;
  expect((await owner.get("/v1/me")).json["username"]).toBe("support-");
  const changed = await owner.send("PATCH", "/v1/me", { username: "support-", bio: "Still here." });
  expect([changed.status, changed.json["bio"]]).toEqual([200, "Still here."]);
  expect(problem(await owner.send("PATCH", "/v1/me", { username: "root" }))).toBe(
    "400 VALIDATION_FAILED username:not_allowed",
  );
});

test("usernames that only resemble reserved names are accepted", async () => {
  for (const username of [`adminah-${randomBytes(3).toString("hex")}`, `me${randomBytes(3).toString("hex")}`])
    expect((await register(username)).status, username).toBe(201);
});
