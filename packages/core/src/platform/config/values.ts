// Schemas for the values of settings.
import * as v from "valibot";

export type Variables = Readonly<Record<string, string | undefined>>;

/** Removes the variables that are undefined or empty, since both mean "not set". */
export function withoutUnset(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}

export const url = (...protocols: string[]) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
    ),
  );
export const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most,
      `must be a whole number from ${least} to ${most}`,
    ),
    v.transform(Number),
  );
/** Schema of a list of some of the given words, separated by commas. */
export const someOf = <T extends string>(words: readonly T[]) =>
  v.pipe(
    v.string(),
    v.transform((value) => value.split(",").filter((word) => word !== "")),
    v.array(v.picklist(words, `must be some of ${words.join(", ")}, separated by commas`)),
  );
/** Schema of a list of host names separated by commas; `*.` before a name matches any subdomain. */
export const hosts = v.pipe(
  v.string(),
  v.regex(/^(\*\.)?[a-z0-9.-]+(,(\*\.)?[a-z0-9.-]+)*$/, "must be names of hosts separated by commas"),
  v.transform((value) => value.split(",")),
);
export const trueOrFalse = v.picklist(["true", "false"], "must be true or false");
export const oneLine = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"));
export const timestamp = v.pipe(
  v.string(),
  v.isoTimestamp("must be a timestamp in RFC 3339, such as 2027-01-31T12:00:00Z"),
  v.transform((value) => new Date(value)),
);
export const headerName = v.pipe(v.string(), v.toLowerCase(), v.regex(/^[a-z0-9-]+$/, "must be the name of a header"));
export const stageName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,40}$/, "must be a stage name: a-z, 0-9 and -"));

/** Minimum length of any secret, in characters (platform.md §4). */
const SECRET_MIN_LENGTH = 32;
export const secret = v.pipe(v.string(), v.minCodePoints(SECRET_MIN_LENGTH, "must have at least 32 characters"));

/** Schema of a list of UTC offsets in hours, such as `+07:00,-03:30`. */
export const utcOffsets = v.pipe(
  v.string(),
  v.regex(
    /^[+-](0\d|1[0-4]):[0-5]\d(,[+-](0\d|1[0-4]):[0-5]\d)*$/,
    "must be UTC offsets separated by commas, such as +07:00,+08:00",
  ),
  v.transform((value) =>
    value.split(",").map((offset) => {
      const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
      return (offset.startsWith("-") ? -1 : 1) * (hours + minutes / 60);
    }),
  ),
);
