import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { expect, test } from "vitest";
import { gpsReading, taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

/** The constraint or rule of the database that a statement violates; undefined if it succeeds. */
async function broken(statement: PromiseLike<unknown>): Promise<string | undefined> {
  try {
    await statement;
    return undefined;
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error.constraint_name ?? error.message;
    throw error;
  }
}

test("each kind of row that the API never writes violates a named constraint of the database", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const { sql } = platform;
  const [mine, second] = [await contributionOf(member), await contributionOf(member)];
  const upload = (type: string, size: number) => sql`insert into uploads
    (id, contribution_id, user_id, object_key, file_name, content_type, size_bytes, sha256, expires_at)
    values (gen_random_uuid(), ${mine}, ${member.id}, ${randomUUID()}, 'f', ${type}, ${size}, ${"0".repeat(64)}, now())`;
  expect(await broken(upload("image/gif", 60_000))).toBe("uploads_content_type_rule");
  const sizes: readonly [type: string, least: number, most: number][] = [
    ["image/jpeg", 51_200, 10_485_760],
    ["image/heic", 51_200, 15_728_640],
    ["application/pdf", 10_240, 26_214_400],
    ["video/mp4", 102_400, 104_857_600],
    ["video/quicktime", 102_400, 104_857_600],
  ];
  for (const [type, least, most] of sizes) {
    const results = await Promise.all([least - 1, least, most, most + 1].map((size) => broken(upload(type, size))));
    expect(results, type).toEqual(["uploads_size_bytes_rule", undefined, undefined, "uploads_size_bytes_rule"]);
  }

  const ticket = await member.post(`/v1/contributions/${mine}/uploads`, photograph().declared);
  expect(await broken(sql`update uploads set status = 'lost' where user_id = ${member.id}`)).toBe(
    "uploads_status_rule",
  );
  const picture = (contributionId: string, userId: string) => sql`insert into evidence
    (id, contribution_id, submitted_by, evidence_type, status, claimed_at, media_hash, upload_id)
    values (gen_random_uuid(), ${contributionId}, ${userId}, 'photo_with_timestamp', 'examining', now(), ${"0".repeat(64)}, ${String(ticket.json["upload_id"])})`;
  expect(await broken(picture(second, member.id))).toBe("evidence_upload_fk");
  expect(await broken(picture(mine, other.id))).toBe("evidence_upload_fk");
  expect(await broken(picture(mine, member.id))).toBeUndefined();

  const read = await member.post(`/v1/contributions/${mine}/evidence`, gpsReading());
  for (const [column, value] of [
    ["accuracy_meters", -1],
    ["accuracy_meters", Number.NaN],
    ["altitude_meters", -1001],
    ["speed_mps", -0.1],
    ["speed_mps", 20_001],
  ] as const) {
    const change = sql`update evidence set ${sql({ [column]: value })} where id = ${String(read.json["id"])}`;
    expect(await broken(change), `${column} ${value}`).toBe("evidence_measures_rule");
  }

  const long = JSON.stringify({ text: "x".repeat(1024 * 1024) });
  for (const text of ["[]", "1", "null", long]) {
    const rules = [
      broken(sql`update contributions set metadata = ${text}::text::jsonb where id = ${mine}`),
      broken(sql`update tasks set metadata = ${text}::text::jsonb`),
      broken(sql`update evidence set evidence_data = ${text}::text::jsonb`),
    ];
    expect(await Promise.all(rules), text.slice(0, 20)).toEqual([
      "contributions_metadata_rule",
      "tasks_metadata_rule",
      "evidence_data_rule",
    ]);
  }
});

test("constraints reject evidence whose columns contradict its status, and contributions whose score contradicts the decision", async () => {
  const member = await platform.person();
  const { sql } = platform;
  const contributionId = await contributionOf(member);
  const read = await member.post(`/v1/contributions/${contributionId}/evidence`, gpsReading());
  const piece = (values: Record<string, unknown>) =>
    broken(sql`update evidence set ${sql(values)} where id = ${String(read.json["id"])}`);
  const now = new Date();
  expect(await piece({ status: "awaiting_consent" })).toBe("evidence_decided_rule");
  expect(await piece({ decided_at: null })).toBe("evidence_decided_rule");
  expect(await piece({ status: "withdrawn" })).toBe("evidence_withdrawn_rule");
  expect(await piece({ withdrawn_at: now, withdrawn_by: member.id })).toBe("evidence_withdrawn_rule");
  expect(await piece({ status: "withdrawn", withdrawn_at: now })).toBe("evidence_withdrawn_rule");
  expect(await piece({ withdrawal_reason: "r" })).toBe("evidence_withdrawn_rule");
  const withdrawn = { status: "withdrawn", withdrawn_at: now, withdrawn_by: member.id };
  expect(await piece({ ...withdrawn, withdrawal_reason: "" })).toBe("evidence_withdrawn_rule");
  expect(await piece({ ...withdrawn, withdrawal_reason: "r".repeat(501) })).toBe("evidence_withdrawn_rule");
  expect(await piece({ ...withdrawn, withdrawal_reason: "r".repeat(500) })).toBeUndefined();

  const decided = (values: Record<string, unknown>) =>
    broken(
      sql`update contributions set ${sql({ verification_status: "verified", decided_at: now, ...values })} where id = ${contributionId}`,
    );
  const right = { quality_score: 0.5, reputation_multiplier: 1.2 };
  for (const wrong of [
    { quality_score: null },
    { reputation_multiplier: null },
    { quality_score: 1.01 },
    { quality_score: -0.01 },
    { reputation_multiplier: 1.1 },
    { verification_status: "pending", decided_at: null },
  ])
    expect(await decided({ ...right, ...wrong }), JSON.stringify(wrong)).toBe("contributions_score_rule");
  expect(await decided(right)).toBeUndefined();
});

test("constraints reject profile pictures whose columns contradict their status, and a second accepted one of a member", async () => {
  const member = await platform.person();
  const { sql } = platform;
  const name = () => randomUUID().replaceAll("-", "").repeat(2);
  const row = (values: Record<string, unknown>) =>
    broken(
      sql`insert into avatars ${sql({ id: randomUUID(), user_id: member.id, content_type: "image/jpeg", size_bytes: 5000, sha256: "0".repeat(64), expires_at: new Date(), ...values })}`,
    );
  const shown = () => ({ status: "accepted", name: name(), picture: Buffer.alloc(9) });
  const hidden = { hidden_at: new Date(), hidden_reason: "r", hidden_by: member.id };
  expect(await row({ content_type: "image/heic" })).toBe("avatars_content_type_rule");
  expect(await row({ size_bytes: 2 * 1024 * 1024 + 1 })).toBe("avatars_size_bytes_rule");
  expect(await row({ status: "accepted" })).toBe("avatars_accepted_rule");
  expect(await row({ status: "removed", name: name() })).toBe("avatars_accepted_rule");
  expect(await row({ status: "refused" })).toBe("avatars_refused_rule");
  expect(await row(hidden)).toBe("avatars_hidden_rule");
  expect(await row({ ...shown(), picture: Buffer.alloc(96 * 1024 + 1) })).toBe("avatars_picture_rule");
  expect(await row({ ...shown(), ...hidden })).toBeUndefined();
  expect(await row(shown())).toBe("avatars_one_accepted_key");
  expect(await broken(sql`update users set avatar = 'x' where id = ${member.id}`)).toBe("users_avatar_rule");
});

test("an accepted file cannot be evidence again, even after withdrawal; a file that was not accepted can be used again", async () => {
  const member = await platform.person();
  const { sql } = platform;
  const hash = randomUUID().replaceAll("-", "").repeat(2);
  const withdrawn = { status: "withdrawn", withdrawn_at: new Date(), withdrawn_by: member.id };
  const piece = async (values: Record<string, unknown>) => {
    const contributionId = await contributionOf(member);
    const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, photograph().declared);
    const row = {
      id: randomUUID(),
      contribution_id: contributionId,
      submitted_by: member.id,
      evidence_type: "photo_with_timestamp",
      claimed_at: new Date(),
      media_hash: hash,
      upload_id: String(ticket.json["upload_id"]),
      ...values,
    };
    return broken(sql`insert into evidence ${sql(row)}`);
  };
  expect(await piece(withdrawn)).toBeUndefined();
  expect(await piece({ status: "awaiting_consent" })).toBeUndefined();
  expect(await piece({ ...withdrawn, decided_at: new Date() })).toBeUndefined();
  expect(await piece({ status: "accepted", decided_at: new Date() })).toBe("evidence_media_hash_accepted_key");
});

test("metadata that the API accepts fits into the database, even if its numbers are very long", async () => {
  const member = await platform.person();
  const numbers = Array.from({ length: 2000 }, (_, index) => (index % 2 === 0 ? 5e-324 : 1.7e308));
  const created = await member.post("/v1/contributions", {
    contribution_type: "custom",
    title: "Measured",
    metadata: { numbers },
  });
  expect(created.status).toBe(201);
  expect(JSON.stringify(created.json["metadata"])).toBe(JSON.stringify({ numbers }));
});

test("the database rejects invisible texts, names with line breaks or direction changes, and names like deleted members'", async () => {
  const member = await platform.person();
  const { sql } = platform;
  const contribution = await contributionOf(member);
  const named = (value: string) => [
    sql`insert into skills (id, name, category) values (gen_random_uuid(), ${value}, 'c')`,
    sql`insert into skills (id, name, category) values (gen_random_uuid(), ${randomUUID()}, ${value})`,
    sql`update users set display_name = ${value} where id = ${member.id}`,
    sql`update users set location = ${value} where id = ${member.id}`,
    sql`update contributions set title = ${value} where id = ${contribution}`,
    sql`insert into tasks (id, creator_id, title, description, difficulty) values (gen_random_uuid(), ${member.id}, ${value}, '', 'easy')`,
    sql`insert into tasks (id, creator_id, title, description, difficulty, location) values (gen_random_uuid(), ${member.id}, 't', '', 'easy', ${value})`,
    sql`insert into uploads (id, contribution_id, user_id, object_key, file_name, content_type, size_bytes, sha256, expires_at)
      values (gen_random_uuid(), ${contribution}, ${member.id}, ${randomUUID()}, ${value}, 'image/jpeg', 60000, ${"0".repeat(64)}, now())`,
  ];
  const rules = [
    "skills_name_rule",
    "skills_category_rule",
    "users_display_name_rule",
    "users_location_rule",
    "contributions_title_rule",
    "tasks_title_rule",
    "tasks_location_rule",
    "uploads_file_name_rule",
  ];
  for (const bad of ["\u200b", "\u00ad \u3164", "\u2800", "jpg\u202Eexe", "a\u2066b", "a\nb", "a\u2028b", " "])
    expect(await Promise.all(named(bad).map(broken)), JSON.stringify(bad)).toEqual(rules);
  const task = await member.post("/v1/tasks", taskInput());
  const said = (value: string) =>
    broken(
      sql`insert into comments (id, task_id, author_id, text) values (gen_random_uuid(), ${String(task.json["id"])}, ${member.id}, ${value})`,
    );
  for (const bad of ["", " \n", "\u200b", "\u00ad \u3164", "\u2800"])
    expect(await said(bad), JSON.stringify(bad)).toBe("comments_text_rule");
  expect(await said("two\nlines \u2067قرية\u2069")).toBeUndefined();
  for (const good of ["गाँव", "👩\u200d🌾", "قرية", "Kp. Baru 7"])
    expect(await Promise.all(named(`${good} ${randomUUID()}`).map(broken)), good).toEqual(rules.map(() => undefined));
  expect(await broken(sql`update users set username = 'deleted-0123' where id = ${member.id}`)).toBe(
    "users_deleted_name_rule",
  );
});
