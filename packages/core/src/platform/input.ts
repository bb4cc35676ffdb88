import * as v from "valibot";
import { guarded } from "./input/field-code.ts";

/** Schemas shared by several operations. */
export * from "./input/collections.ts";
export { codeOf, coded, rule, toFieldError } from "./input/field-code.ts";
export * from "./input/text.ts";

/** A number between two bounds. JSON's `1e400` is parsed as infinity, which is outside both. */
export const between = (least: number, most: number) =>
  v.pipe(
    v.number("must be a number"),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );
export const latitude = between(-90, 90);
export const longitude = between(-180, 180);

/**
 * An object with exactly these fields. Rejects an array, which valibot accepts as an object and of which it would visit every index.
 */
export const object = <Entries extends v.ObjectEntries>(entries: Entries) =>
  guarded(v.strictObject(entries, "must be an object"), "type", (value) => !Array.isArray(value), "must be an object");

/** One of a fixed set of words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  v.picklist(words, `must be one of ${words.join(", ")}`);

export * as Input from "./input.ts";
