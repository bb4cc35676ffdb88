import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { DISCLOSURES_MAX_BYTES } from "../../platform/bounds.ts";
import { Input } from "../../platform/input.ts";

const LINK_KINDS = ["contribution", "evidence", "witness", "vote", "event", "change"] as const;
/**
 * Upper limit of links. A contribution has at most 50 pieces of evidence by default, each with at most 10 witnesses.
 */
const MAX_LINKS = 2_000;
const LINKS_MAX_BYTES = 500_000;
const BODY_MAX_BYTES = 4_000;
const VALUE_MAX_BYTES = 64_000;

const Signature = v.pipe(Answer.text(100, "5d8f…"), v.description("Ed25519, Base64url."));
const KeyId = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{16}$/),
  Input.maxCharacters(16),
  v.metadata({
    description: "The first 16 hex digits of the SHA-256 of the public key.",
    examples: ["21fe31dfa154a261"],
  }),
);
const PublicKey = v.pipe(
  Answer.text(60, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
  v.description("Raw, Base64url."),
);

export const Link = v.strictObject({
  kind: v.picklist(LINK_KINDS),
  id: Answer.text(36, "0198c0de-0000-7000-8000-000000000001"),
  body: Answer.freeObject("What happened, without texts of members.", BODY_MAX_BYTES),
  sealed: v.pipe(
    v.record(v.string(), Answer.sha256),
    v.maxEntries(4),
    v.metadata({ "x-max-bytes": 400 }),
    v.description("Commitments to texts and places: SHA-256 of `[salt, name, value]` as canonical JSON (RFC 8785)."),
  ),
  previous: v.pipe(Answer.sha256, v.description("The hash of the link before; zeros in the first one.")),
  hash: v.pipe(Answer.sha256, v.description("SHA-256 of the other fields as canonical JSON (RFC 8785).")),
});
export type Link = Answer.Of<typeof Link>;

export const Root = v.strictObject({
  format: v.literal("gotong-root/1"),
  number: Answer.integer(1),
  made_at: Answer.timestamp,
  size: Answer.integer(1),
  root: v.pipe(Answer.sha256, v.description("Of a Merkle tree (RFC 9162 §2.1.1) over the heads, as 32 bytes each.")),
  previous: v.pipe(v.nullable(Answer.sha256), v.description("SHA-256 of the root before as canonical JSON.")),
  key_id: KeyId,
  signature: Signature,
});
export type Root = Answer.Of<typeof Root>;

const Disclosure = v.strictObject({
  link: v.pipe(Answer.integer(0), v.description("The index of the link.")),
  name: Answer.text(40, "details"),
  salt: Answer.text(64, "00"),
  value: Answer.freeObject("The value of the commitment.", VALUE_MAX_BYTES),
});

export const Bundle = v.strictObject({
  format: v.literal("gotong-proof/1"),
  contribution_id: Answer.uuid,
  made_at: Answer.timestamp,
  links: Answer.boundedList(Link, MAX_LINKS, LINKS_MAX_BYTES),
  sealed_links: v.pipe(
    Answer.integer(0),
    v.description("How many of the first links are in the tree of `inclusion`; 0 before the contribution is in one."),
  ),
  key: v.strictObject({ id: KeyId, public_key: PublicKey }),
  signature: v.pipe(
    Signature,
    v.description(
      "Ed25519, Base64url, of `{format, contribution_id, made_at, sealed_links, head}` as canonical JSON; `head` is the hash of the last link.",
    ),
  ),
  inclusion: v.nullable(
    v.strictObject({
      position: Answer.integer(0),
      path: Answer.list(Answer.sha256, 20),
      root: Root,
      root_key: v.pipe(PublicKey, v.description("The key that signed the root.")),
    }),
  ),
  disclosures: Answer.boundedList(Disclosure, MAX_LINKS, DISCLOSURES_MAX_BYTES),
  disclosures_omitted: v.pipe(
    Answer.integer(0),
    v.description("Values that the caller may see and for which the answer has no room: read them at the evidence."),
  ),
});
export type Bundle = Answer.Of<typeof Bundle>;

export const Keys = v.strictObject({
  keys: Answer.list(
    v.strictObject({
      kty: v.literal("OKP"),
      crv: v.literal("Ed25519"),
      kid: KeyId,
      x: PublicKey,
      use: v.literal("sig"),
      since: Answer.timestamp,
      is_current: v.boolean(),
    }),
    100,
  ),
});
export type Keys = Answer.Of<typeof Keys>;
