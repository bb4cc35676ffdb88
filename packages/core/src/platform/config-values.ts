// Schemas for the values of settings, for config.ts.
import * as v from "valibot";

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
export const oneLine = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"));
export const timestamp = v.pipe(
  v.string(),
  v.isoTimestamp("must be a timestamp in RFC 3339, such as 2027-01-31T12:00:00Z"),
  v.transform((value) => new Date(value)),
);
export const headerName = v.pipe(v.string(), v.toLowerCase(), v.regex(/^[a-z0-9-]+$/, "must be the name of a header"));
export const stageName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,40}$/, "must be a stage name: a-z, 0-9 and -"));

/** The shortest secret that is accepted anywhere, in characters (platform.md §4). */
const SECRET_MIN_LENGTH = 32;
export const secret = v.pipe(v.string(), v.minCodePoints(SECRET_MIN_LENGTH, "must have at least 32 characters"));
