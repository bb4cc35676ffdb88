import type { Operation } from "../openapi/operation.ts";

/** Documentation of the profile picture routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/avatars/:name": {
    id: "getAvatar",
    summary: "A profile picture",
    description:
      "The path is the `avatar_url` of a member: use it as the source of an image. A square WebP of 256 pixels, which never changes: a new picture has a new name. Caches may store it for a day, shared ones for an hour. A picture that was replaced, removed or hidden is answered 404.",
    answers: { 200: "image/webp" },
    problems: ["NOT_FOUND"],
    isOpen: true,
  },
};
