import { examine } from "@gotong/core/domain/avatar/examine.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import type { Person } from "../../harness/platform.ts";
import { photograph, put } from "../../harness/scenes.ts";
import type { Cast } from "./cast.ts";
import { type Row, everyone, members, only } from "./row.ts";

const declared = () => {
  const { bytes, declared: all } = photograph();
  const { file_name: _name, ...picture } = all;
  return { bytes, picture };
};

/** Uploads a picture. @returns the id of the upload */
async function uploaded(person: Pick<Person, "post">): Promise<string> {
  const { bytes, picture } = declared();
  const ticket = await person.post("/v1/me/avatar/uploads", picture);
  await put(ticket, bytes);
  return String(ticket.json["upload_id"]);
}

const made = new Map<string, Promise<Person>>();

/**
 * Returns a member with a profile picture. Requests with the same `purpose` share the member, since the examination of
 * each picture starts a process.
 */
function pictured(cast: Cast, purpose: string): Promise<Person> {
  const person = made.get(purpose) ?? newlyPictured(cast);
  made.set(purpose, person);
  return person;
}

async function newlyPictured({ newcomer }: Cast): Promise<Person> {
  const person = await newcomer();
  const id = await uploaded(person);
  await person.send("PUT", "/v1/me/avatar", { upload_id: id });
  await Actor.run({ type: "system", name: "test" }, Id.uuid(), () => examine(id));
  return person;
}

const asAdmin = async (cast: Cast, step: string) =>
  `/v1/admin/users/${(await pictured(cast, "hidden")).id}/avatar/${step}`;

/** Expected statuses of the routes for profile pictures. */
export const AVATAR_ROWS: Readonly<Record<string, Row>> = {
  "GET /v1/avatars/:name": {
    statuses: everyone(200),
    ask: async (cast) => {
      const { json } = await (await pictured(cast, "shown")).get("/v1/me/avatar");
      return { path: String(json["avatar_url"]) };
    },
  },
  "GET /v1/me/avatar": { statuses: members(200), ask: () => ({ path: "/v1/me/avatar" }) },
  "POST /v1/me/avatar/uploads": {
    statuses: members(201),
    asNewcomer: true,
    ask: () => ({ path: "/v1/me/avatar/uploads", body: declared().picture }),
  },
  // Only the member who requested an upload may set it as profile picture. Other members get 400, as for an unknown
  // upload.
  "PUT /v1/me/avatar": {
    statuses: only(["owner"], 202, 400),
    ask: async ({ owner }) => ({ path: "/v1/me/avatar", body: { upload_id: await uploaded(owner) } }),
  },
  "DELETE /v1/me/avatar": { statuses: members(204), ask: () => ({ path: "/v1/me/avatar" }) },
  "POST /v1/admin/users/:user_id/avatar/hide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: await asAdmin(cast, "hide"), body: { reason: "It shows a child." } }),
  },
  "POST /v1/admin/users/:user_id/avatar/unhide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: await asAdmin(cast, "unhide") }),
  },
};
