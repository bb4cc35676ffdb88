import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
afterEach(() => Config.use(platform.variables));

/**
 * Returns a random word. No name of another test begins with it, so a search for it finds only members of this test.
 */
const word = () => `w${randomBytes(5).toString("hex")}`;
const named = async (display_name: string, roles: ("verifier" | "admin")[] = []): Promise<Person> => {
  const person = await platform.person(roles);
  expect((await person.send("PATCH", "/v1/me", { display_name })).json["display_name"]).toBe(display_name);
  return person;
};
const shown = (person: Person, display_name: string) => ({
  id: person.id,
  username: expect.stringMatching(/^u-/),
  display_name,
  avatar_url: null,
  is_deleted: false,
});

test("every response with member ids also contains these members' names, and cached lists show a changed name at once", async () => {
  const [sari, budi, wati] = [await named("Ibu Sari"), await named("Pak Budi"), await named("Wati", ["verifier"])];
  const made = await sari.post("/v1/tasks", taskInput());
  expect(made.json).toMatchObject({ creator: shown(sari, "Ibu Sari"), assignee: null });
  const path = `/v1/tasks/${String(made.json["id"])}`;
  const claimed = await budi.post(`${path}/claim`);
  expect(claimed.json).toMatchObject({ creator: shown(sari, "Ibu Sari"), assignee: shown(budi, "Pak Budi") });
  await budi.post(`${path}/start`);
  const contribution = await budi.post(`${path}/complete`);
  expect(contribution.json["user"]).toEqual(shown(budi, "Pak Budi"));
  const contributionPath = `/v1/contributions/${String(contribution.json["id"])}`;
  const vote = await wati.post(`${contributionPath}/verifications`, { outcome: "approved" });
  expect(vote.json["verification"]?.["verifier"]).toEqual(shown(wati, "Wati"));
  expect((await sari.get(contributionPath)).json).toMatchObject({
    user: shown(budi, "Pak Budi"),
    verifications: [{ verifier: shown(wati, "Wati") }],
  });
  const vouch = await sari.post("/v1/vouches", { vouchee_id: budi.id });
  expect(vouch.json).toMatchObject({ voucher: shown(sari, "Ibu Sari"), vouchee: shown(budi, "Pak Budi") });
  expect((await wati.get(`/v1/users/${budi.id}/vouches`)).json["data"]?.[0]).toMatchObject({
    voucher: shown(sari, "Ibu Sari"),
  });
  expect((await sari.send("PUT", `/v1/me/blocks/${wati.id}`)).json["user"]).toEqual(shown(wati, "Wati"));

  const list = () => wati.get(`/v1/tasks?creator=${sari.id}`);
  expect((await list()).json["data"]?.[0]?.["creator"]).toEqual(shown(sari, "Ibu Sari"));
  await sari.send("PATCH", "/v1/me", { display_name: "Sari" });
  expect((await list()).json["data"]?.[0]?.["creator"]).toEqual(shown(sari, "Sari"));
});

test("a list of twenty items with members' names sends as many queries as a list of one", async () => {
  const [creator, reader] = [await named("Ibu Sari"), await platform.person()];
  const queriesOf = async (path: string) => {
    let queries = 0;
    const stop = Db.watch(() => void (queries += 1));
    const answer = await reader.get(path);
    stop();
    return [answer.json["data"]?.["length"]?.valueOf(), queries];
  };
  for (let n = 0; n < 20; n += 1) await contributionOf(await platform.person(), creator);
  for (const path of ["/v1/tasks", "/v1/contributions"]) {
    const [one, ofOne] = await queriesOf(`${path}?limit=1`);
    const [twenty, ofTwenty] = await queriesOf(`${path}?limit=20`);
    expect([one, twenty]).toEqual([1, 20]);
    expect(ofTwenty).toBe(ofOne);
  }
});

test("a deleted member is shown as deleted, without their former names", async () => {
  const [member, other] = [await named("Ibu Sari"), await platform.person()];
  const contributionId = await contributionOf(member);
  await member.send("DELETE", "/v1/me", { password: member.password });
  const deleted = {
    id: member.id,
    username: expect.stringMatching(/^deleted-[0-9a-f]{16}$/),
    display_name: null,
    avatar_url: null,
    is_deleted: true,
  };
  expect((await other.get(`/v1/contributions/${contributionId}`)).json["user"]).toEqual(deleted);
  expect((await other.get(`/v1/users?ids=${member.id},${other.id}`)).json["data"]).toEqual(
    expect.arrayContaining([deleted, expect.objectContaining({ id: other.id, is_deleted: false })]),
  );
  expect((await other.get("/v1/users?q=deleted")).json["data"]).toEqual([]);
});

test("a search finds members by beginnings of words in both names, ignoring accents and punctuation, page by page", async () => {
  const [family, reader] = [word(), await platform.person()];
  const people = [await named(`José ${family}`), await named(`Ibu Sari-${family}`), await named(`Pak ${family} Budi`)];
  const found = async (q: string) => {
    const answer = await reader.get(`/v1/users?q=${encodeURIComponent(q)}`);
    const ids = people.map(({ id }) => id);
    return JSON.stringify(answer.json["data"])
      .match(/"id":"([^"]+)"/g)
      ?.map((match) => ids.indexOf(match.slice(6, -1)))
      .toSorted();
  };
  expect(await found(family.slice(0, 6))).toEqual([0, 1, 2]);
  expect(await found(`jose ${family}`)).toEqual([0]);
  expect(await found(`${family} SAR`)).toEqual([1]);
  expect(await found(`${family} BÚDI`)).toEqual([2]);
  expect(await found(`'${family}' & ! | (`)).toEqual([0, 1, 2]);
  expect(await found(family.slice(1))).toBeUndefined(); // the search does not match the middle of a word

  const first = await reader.get(`/v1/users?q=${family}&limit=2`);
  const second = await reader.get(`/v1/users?q=${family}&limit=2&cursor=${String(first.json["next_cursor"])}`);
  expect([first.json["data"]?.["length"]?.valueOf(), second.json["data"]?.["length"]?.valueOf()]).toEqual([2, 1]);
  expect(second.json["next_cursor"]).toBeNull();

  const refused = async (query: string) => problem(await reader.get(`/v1/users${query}`));
  expect(await refused("?q=a")).toBe("400 VALIDATION_FAILED q:too_short");
  expect(await refused("?ids=x")).toBe("400 VALIDATION_FAILED ids:format");
  expect((await reader.get("/v1/users?q=..")).json["data"]).toEqual([]);
});

test("a stage can disable the search of members, and its responses still contain names beside member ids", async () => {
  const member = await named("Ibu Sari");
  Config.use({ ...platform.variables, MEMBER_SEARCH: "false" });
  expect(problem(await member.get("/v1/users?q=sari"))).toBe("403 FORBIDDEN");
  expect(problem(await member.get("/v1/users"))).toBe("403 FORBIDDEN");
  expect((await member.get(`/v1/users?ids=${member.id}`)).json["data"]).toHaveLength(1);
});

test("a display name is one line, null clears it, and names that imitate the platform or an admin are rejected", async () => {
  const member = await platform.person();
  const change = async (body: object) => member.send("PATCH", "/v1/me", body);
  const fields = { display_name: "  Ibu  Sari ", language: "id", location: "Kecamatan Coblong" };
  expect((await change(fields)).json).toMatchObject({ ...fields, display_name: "Ibu  Sari" });
  const seen = (await (await platform.person()).get(`/v1/users/${member.id}`)).json;
  expect(seen).toMatchObject({ display_name: "Ibu  Sari", location: "Kecamatan Coblong" });
  expect(seen).not.toHaveProperty("language");
  const cleared = { display_name: null, language: null, location: null };
  expect((await change(cleared)).json).toMatchObject(cleared);
  for (const name of ["Admin", "A d m i n", "Ａｄｍｉｎ", "Gotong Royong", "ádmin"])
    expect(problem(await change({ display_name: name }))).toBe("400 VALIDATION_FAILED display_name:not_allowed");
  expect(problem(await change({ display_name: "" }))).toBe("400 VALIDATION_FAILED display_name:too_short");
  expect(problem(await change({ display_name: "x".repeat(81) }))).toBe("400 VALIDATION_FAILED display_name:too_long");
  expect(problem(await change({ display_name: "a\u202Eb" }))).toBe("400 VALIDATION_FAILED display_name:characters");
  expect(problem(await change({ language: "fr" }))).toBe("400 VALIDATION_FAILED language:not_allowed");
});
