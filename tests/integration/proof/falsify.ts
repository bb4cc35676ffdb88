/** A proof as JSON that a test may change. */
export interface Json {
  [field: string]: Json;
  [index: number]: Json;
}
export const text = (value: unknown): string => String(value);
export const items = (list: Json | undefined): Json[] => (Array.isArray(list) ? list : []);

/** The object or list at a path of a proof, which a test can change in place. */
const at = (proof: Json, ...path: (string | number)[]): Json => {
  let part = proof;
  for (const step of path) {
    const next = part[step];
    if (next === undefined) throw new Error(`there is no ${path.join(".")}`);
    part = next;
  }
  return part;
};
const set = (proof: Json, path: (string | number)[], value: unknown): void => {
  Object.assign(at(proof, ...path.slice(0, -1)), { [String(path.at(-1))]: value });
};
const links = (proof: Json): Json[] => items(at(proof, "links"));
const indexOf = (proof: Json, kind: string, nth = 0): number => {
  const index = [...links(proof).keys()].filter((one) => text(at(proof, "links", one, "kind")) === kind)[nth];
  if (index === undefined) throw new Error(`there is no ${kind}`);
  return index;
};
/**
 * Builds a falsification that assigns one value.
 * @param link index of the link in which the problem must be found; undefined if the problem concerns no link
 */
const put = (path: (string | number)[], value: unknown, link?: number) => (proof: Json) => {
  set(proof, path, value);
  return link;
};
const body = (kind: string, field: string, value: unknown) => (proof: Json) => {
  set(proof, ["links", indexOf(proof, kind), "body", field], value);
  return indexOf(proof, kind);
};
const file = (field: string, value: unknown) => (proof: Json) => {
  set(proof, ["links", indexOf(proof, "evidence"), "body", "file", field], value);
  return indexOf(proof, "evidence");
};
const disclosed = (name: string, field: string, value: unknown) => (proof: Json) => {
  const all = items(at(proof, "disclosures"));
  const index = all.findIndex((one) => text(one["name"]) === name);
  set(proof, ["disclosures", index, "value", field], value);
  return Number(at(proof, "disclosures", index, "link"));
};

const ANOTHER = "0198c0de-0000-7000-8000-00000000ffff";
const HASH = "ab".repeat(32);

/** Falsifications of a proof: a description, the problem that must be found, and the link in which it is found. */
export const FALSIFICATIONS: readonly (readonly [
  what: string,
  code: string,
  change: (proof: Json) => number | undefined,
])[] = [
  ["another owner", "LINK_CHANGED", body("contribution", "user_id", ANOTHER)],
  ["another type of contribution", "LINK_CHANGED", body("contribution", "contribution_type", "mentoring")],
  ["another decision", "LINK_CHANGED", body("contribution", "verification_status", "rejected")],
  ["another score", "LINK_CHANGED", body("contribution", "quality_score", 0.123)],
  ["an earlier decision", "LINK_CHANGED", body("contribution", "decided_at", "2020-01-01T00:00:00.000Z")],
  ["another contribution", "LINK_MISPLACED", put(["contribution_id"], ANOTHER, 0)],
  ["another file", "LINK_CHANGED", file("sha256", HASH)],
  ["another version of the object", "LINK_CHANGED", file("version_id", "other")],
  ["another key of the object", "LINK_CHANGED", file("key", "photos/2020/01/01/other.jpg")],
  ["another bucket", "LINK_CHANGED", file("bucket", "other")],
  ["another size", "LINK_CHANGED", file("size_bytes", 1)],
  ["refused evidence as accepted", "LINK_CHANGED", body("evidence", "status", "examining")],
  ["evidence of another member", "LINK_CHANGED", body("evidence", "submitted_by", ANOTHER)],
  ["evidence of another time", "LINK_CHANGED", body("evidence", "claimed_at", "2020-01-01T00:00:00.000Z")],
  ["another place", "DISCLOSURE_CHANGED", disclosed("details", "location", { lat: 0, lon: 0 })],
  ["no findings", "DISCLOSURE_CHANGED", disclosed("details", "findings", [{ code: "none" }])],
  ["another camera", "DISCLOSURE_CHANGED", disclosed("details", "file", { camera: "Other" })],
  ["another title", "DISCLOSURE_CHANGED", disclosed("texts", "title", "Another title")],
  ["another statement of a witness", "DISCLOSURE_CHANGED", disclosed("statement", "statement", "I saw all of it.")],
  ["another witness", "LINK_CHANGED", body("witness", "witness_id", ANOTHER)],
  ["other notes of a verifier", "DISCLOSURE_CHANGED", disclosed("notes", "notes", "Perfect.")],
  ["another vote", "LINK_CHANGED", body("vote", "outcome", "rejected")],
  ["another verifier", "LINK_CHANGED", body("vote", "verifier_id", ANOTHER)],
  [
    "a vote less",
    "LINK_MISPLACED",
    (proof) => {
      const index = indexOf(proof, "vote", 1);
      set(
        proof,
        ["links"],
        links(proof).filter((_, position) => position !== index),
      );
      return index;
    },
  ],
  [
    "a vote twice",
    "LINK_MISPLACED",
    (proof) => {
      const index = indexOf(proof, "vote", 1);
      set(proof, ["links"], [...links(proof).slice(0, index + 1), ...links(proof).slice(index)]);
      return index + 1;
    },
  ],
  [
    "votes in another order",
    "LINK_MISPLACED",
    (proof) => {
      const [one, two] = [indexOf(proof, "vote", 0), indexOf(proof, "vote", 1)];
      const [first, second] = [at(proof, "links", one), at(proof, "links", two)];
      set(proof, ["links", one], second);
      set(proof, ["links", two], first);
      return one;
    },
  ],
  ["an event that was not delivered", "LINK_CHANGED", body("event", "delivered_at", null)],
  ["another body of an event", "LINK_CHANGED", body("event", "body_sha256", HASH)],
  ["another hash of a link", "LINK_CHANGED", put(["links", 1, "hash"], HASH, 1)],
  [
    "the last link left out",
    "SIGNATURE_INVALID",
    (proof) => {
      set(proof, ["links"], links(proof).slice(0, -1));
      return undefined;
    },
  ],
  ["another time of the proof", "SIGNATURE_INVALID", put(["made_at"], "2020-01-01T00:00:00.000Z")],
  [
    "another key under the same id",
    "SIGNATURE_INVALID",
    put(["key", "public_key"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
  ],
  ["another place in the tree", "NOT_IN_TREE", put(["inclusion", "position"], 0)],
  ["another path in the tree", "NOT_IN_TREE", put(["inclusion", "path", 0], HASH)],
  ["no tree, though its links say so", "NOT_IN_TREE", put(["inclusion"], null)],
  ["another root", "ROOT_SIGNATURE_INVALID", put(["inclusion", "root", "root"], HASH)],
  ["an earlier root", "ROOT_SIGNATURE_INVALID", put(["inclusion", "root", "made_at"], "2020-01-01T00:00:00.000Z")],
];

/**
 * Falsifications that the platform itself signs, since the values are changed in the tables: only a comparison with the
 * original file shows them. Each has a description, the field that a verifier must report, and the values to write.
 * Null removes a value.
 */
export const SIGNED_FALSIFICATIONS: readonly (readonly [
  what: string,
  field: string,
  change: {
    readonly exif?: object;
    readonly upload?: { readonly size_bytes?: number; readonly content_type?: string };
  },
])[] = [
  ["another camera", "camera", { exif: { camera: "Other" } }],
  ["no camera", "camera", { exif: { camera: null } }],
  ["another time", "taken_at", { exif: { taken: { local: "2020-01-01T00:00:00" } } }],
  ["no time", "taken_at", { exif: { taken: null } }],
  ["a zone", "utc_offset", { exif: { taken: { local: "2026-01-01T00:00:00", offset: "+13:00" } } }],
  ["another time of satellites", "gps_time", { exif: { gpsTime: "2020-01-01T00:00:00Z" } }],
  ["another place", "location", { exif: { place: { lat: 0, lon: 0 } } }],
  ["a place a kilometre away", "location", { exif: { place: { lat: -6.9047, lon: 107.6098 } } }],
  ["no place", "location", { exif: { place: null } }],
  [
    "content credentials",
    "content_credentials",
    {
      exif: {
        contentCredentials: { integrity: "intact", trust: "trusted", signer: "Acme Cameras", generator: "Acme" },
      },
    },
  ],
  ["pages", "pages", { exif: { pages: 3 } }],
  ["a length", "duration_seconds", { exif: { durationSeconds: 3 } }],
  ["another size", "size_bytes", { upload: { size_bytes: 60_000 } }],
  ["another type", "content_type", { upload: { content_type: "image/png" } }],
];
