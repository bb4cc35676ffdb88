import type { Person as PersonOfAnswer } from "@gotong/client";
import { useState } from "preact/hooks";
import { useRead } from "../data/read.ts";
import { t } from "../texts/index.ts";

type Named = Pick<PersonOfAnswer, "username" | "display_name" | "avatar_url">;

/** Width and height of a profile picture in CSS pixels: beside a name, and on a member's own page. */
const SIZES = { small: 28, large: 96 } as const;

/**
 * The profile picture beside a member's name. If there is no picture, or it cannot be loaded, shows the first letter of
 * the name. Screen readers skip both, since the name stands beside them.
 */
export function Avatar({ of, size = "small" }: { of: Named; size?: keyof typeof SIZES }) {
  const [failed, setFailed] = useState<string>();
  const url = of.avatar_url;
  // A response that an earlier version of the app has stored contains no `avatar_url`.
  if (typeof url !== "string" || url === failed)
    return <span class={`avatar ${size}`} aria-hidden="true" data-letter={firstLetter(nameOf(of))} />;
  const pixels = SIZES[size];
  return (
    <img
      class={`avatar ${size}`}
      src={url}
      alt=""
      width={pixels}
      height={pixels}
      loading="lazy"
      decoding="async"
      onError={() => setFailed(url)}
    />
  );
}

/** With its combining marks; a flag and a family of emoji are one letter. Browsers before 2024 may have no `Segmenter`. */
function firstLetter(name: string): string {
  const letters =
    "Segmenter" in Intl ? new Intl.Segmenter().segment(name) : Array.from(name, (segment) => ({ segment }));
  for (const { segment } of letters) return segment.toLocaleUpperCase();
  return "";
}

const nameOf = (of: Named): string => of.display_name ?? of.username;

const Linked = ({ id, of }: { id: string; of: Named }) => (
  <a class="person" href={`/members/${id}`}>
    <Avatar of={of} />
    <span>{nameOf(of)}</span>
  </a>
);

/** A member's picture and name as a link. */
export function Person({ of }: { of: PersonOfAnswer }) {
  return of.is_deleted ? <span>{t("former_member")}</span> : <Linked id={of.id} of={of} />;
}

/** A link to a member of whom the response contains only the id: in the audit log and in pieces of evidence. */
export function PersonById({ id }: { id: string }) {
  const member = useRead("getUser", { path: { user_id: id } });
  if (member.value) return <Linked id={id} of={member.value} />;
  return <a href={`/members/${id}`}>{member.error === undefined ? "…" : t("former_member")}</a>;
}
