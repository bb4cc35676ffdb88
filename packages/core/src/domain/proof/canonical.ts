import { createHash } from "node:crypto";

/**
 * Serialises a value as JSON without spaces and with sorted names (RFC 8785), so that equal values have equal bytes
 * everywhere.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)) // sorted by UTF-16 code units
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}

/** SHA-256 of the canonical JSON, as hex digits. */
export const digest = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex");
