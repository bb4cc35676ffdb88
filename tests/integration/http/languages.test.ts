import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { taskInput } from "../../harness/factories.ts";
import { deliverMail, mailsTo } from "../../harness/mail.ts";
import { type Answer, usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const dir = mkdtempSync(join(tmpdir(), "gotong-languages-"));
afterAll(() => rmSync(dir, { recursive: true }));
const INDONESIAN = { "accept-language": "id-ID,id;q=0.9,en;q=0.5" };
const ENGLISH = /\b(the|must|not|your|you|is|are|was|has|have|with|from|this|of|only|verifier|admin)\b/i;

function sentencesOf({ json }: Answer): string[] {
  const found = [String(json["title"]), String(json["detail"])];
  for (let index = 0; json["errors"]?.[index]; index += 1) found.push(String(json["errors"][index]?.["message"]));
  return found;
}

test("a problem for an Indonesian reader contains no English text, and its codes are not translated", async () => {
  const [creator, other] = [await platform.person(), await platform.person()];
  const task = `/v1/tasks/${String((await creator.post("/v1/tasks", taskInput())).json["id"])}`;
  const requests: [string, (headers: Record<string, string>) => Promise<Answer>][] = [
    ["UNAUTHENTICATED", (headers) => platform.request("GET", "/v1/me", { headers })],
    ["NOT_FOUND", (headers) => creator.get(`/v1/tasks/${randomUUID()}`, headers)],
    ["NOT_FOUND", (headers) => creator.get("/v1/nowhere", headers)],
    ["METHOD_NOT_ALLOWED", (headers) => platform.request("PUT", "/v1/tasks", { token: creator.token, headers })],
    ["FORBIDDEN", (headers) => other.post(`${task}/cancel`, undefined, headers)],
    ["INVALID_TASK_STATE", (headers) => creator.post(`${task}/unassign`, undefined, headers)],
    ["MALFORMED_JSON", (headers) => creator.post("/v1/tasks", "{", headers)],
    ["VALIDATION_FAILED", (headers) => creator.post("/v1/tasks", { title: "", difficulty: "x", colour: 1 }, headers)],
    ["VALIDATION_FAILED", (headers) => creator.get("/v1/tasks?limit=0&near=x", headers)],
    ["VALIDATION_FAILED", (headers) => creator.get("/v1/tasks?near=1,2&radius_km=5000", headers)],
    ["FORBIDDEN", (headers) => creator.get("/v1/verification-queue", headers)],
    ["FORBIDDEN", (headers) => creator.get("/v1/admin/reports", headers)],
    ["RULE_VIOLATED", (headers) => creator.post("/v1/vouches", { vouchee_id: creator.id }, headers)],
  ];
  for (const [code, ask] of requests) {
    const [indonesian, english] = [await ask(INDONESIAN), await ask({})];
    expect(indonesian.json["code"]).toBe(code);
    expect(english.json["code"]).toBe(code);
    for (const sentence of sentencesOf(indonesian)) expect(sentence, code).not.toMatch(ENGLISH);
    expect(sentencesOf(indonesian).length).toBe(sentencesOf(english).length);
    expect(indonesian.json["title"], code).not.toBe(english.json["title"]);
    expect({ ...indonesian.json, title: 0, detail: 0, errors: 0, request_id: 0 }).toEqual({
      ...english.json,
      title: 0,
      detail: 0,
      errors: 0,
      request_id: 0,
    });
  }
});

test("without Accept-Language a problem is in the language that the member has chosen", async () => {
  const person = await platform.person();
  await person.send("PATCH", "/v1/me", { language: "id" });
  const title = async (headers: Record<string, string>, path = `/v1/tasks/${randomUUID()}`) =>
    (await person.get(path, headers)).json["title"];
  expect(await title({})).toBe("Tidak ditemukan");
  expect(await title({}, "/v1/tasks?limit=0")).toBe("Isian belum benar");
  expect(await title({ "accept-language": "fr" })).toBe("Tidak ditemukan");
  expect(await title({ "accept-language": "en" })).toBe("Not found");
  expect((await platform.request("GET", "/v1/me")).json["title"]).toBe("A valid access token is required");
});

test("findings and refusal reasons are in the reader's language, and their codes are not translated", async () => {
  const [member, verifier] = [await platform.person(), await platform.person(["verifier"])];
  const contributionId = await contributionOf(member);
  await platform.sql`insert into evidence (id, contribution_id, submitted_by, evidence_type, status, claimed_at, latitude, longitude, decided_at, evidence_data, findings, refusal_code, refusal_detail)
    values (gen_random_uuid(), ${contributionId}, ${member.id}, 'gps_verification', 'refused', now(), 1, 1, now(), '{}',
      ${JSON.stringify([{ code: "impossible_speed", detail: "Another reading of this member implies a speed of 1200 km/h.", evidence_id: null, submitted_by: null }])}::text::jsonb,
      'CONSENT_DECLINED', 'The owner of the contribution declined this piece.')`;
  const path = `/v1/contributions/${contributionId}/evidence`;
  const readings = async (headers: Record<string, string>) => {
    const piece = (await verifier.get(path, headers)).json["data"]?.[0];
    return [piece?.["details"]?.["findings"], piece?.["refusal"]];
  };
  expect(await readings(INDONESIAN)).toMatchObject([
    [{ code: "impossible_speed", detail: "Posisi lain dari anggota ini berarti kecepatan 1200 km/jam." }],
    { code: "CONSENT_DECLINED", detail: "Pemilik kontribusi menolak bukti ini." },
  ]);
  expect(await readings({})).toMatchObject([
    [{ detail: "Another reading of this member implies a speed of 1200 km/h." }],
    { detail: "The owner of the contribution declined this piece." },
  ]);
});

test("mails are in the member's language, otherwise in the language of the request, otherwise in English", async () => {
  Config.use({ ...platform.variables, MAIL_DIR: dir });
  try {
    const [chosen, unchosen, admin] = [
      await platform.person(),
      await platform.person(),
      await platform.person(["admin"]),
    ];
    await chosen.send("PATCH", "/v1/me", { language: "id" });
    const mailed = async (to: string, act: () => Promise<Answer>): Promise<string> => {
      const before = mailsTo(dir, to).length;
      expect((await act()).status).toBeLessThan(300);
      await deliverMail();
      return mailsTo(dir, to).slice(before).join("\n");
    };
    const reset = (email: string, headers = {}) =>
      platform.request("POST", "/v1/auth/password-resets", { body: { email }, headers });
    const roles = (id: string) => admin.send("PUT", `/v1/admin/users/${id}/roles`, { roles: ["verifier"] });
    const english = { "accept-language": "en" };

    for (const text of [
      await mailed(chosen.email, () => reset(chosen.email, english)),
      await mailed(unchosen.email, () => reset(unchosen.email, INDONESIAN)),
      await mailed(chosen.email, () => roles(chosen.id)),
    ]) {
      expect(text.replaceAll(/^(To|Subject):/gm, "")).not.toMatch(ENGLISH);
      expect(text).toMatch(/Kata sandi baru Anda|Peran Anda diubah/);
    }
    expect(await mailed(unchosen.email, () => reset(unchosen.email))).toContain("Subject: Your new password");
    expect(await mailed(unchosen.email, () => roles(unchosen.id))).toContain(
      "Your roles are now: contributor, verifier.",
    );
    const guest = `guest.${randomUUID()}@example.org`;
    const invite = () => admin.post("/v1/invitations", { email: guest, message: "Ayo!" }, INDONESIAN);
    expect(await mailed(guest, invite)).toContain("Subject: Undangan untuk bergabung");
  } finally {
    Config.use(platform.variables);
  }
});
