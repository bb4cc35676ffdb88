/**
 * Statements that break code of the former version, or delete rows. Strings and comments are removed before the
 * search.
 */
const DESTRUCTIVE: readonly (readonly [pattern: RegExp, found: string])[] = [
  [/\bdrop\s+(table|column|schema|type|view|materialized\s+view|function|trigger|policy)\b/i, "it drops $1"],
  [/\bdrop\s+constraint\b/i, "it drops a constraint"],
  [/\balter\s+table\b[^;]*\bdrop\s+(?!constraint|column|default|not\s+null|identity|expression)\S/i, "it drops a column"],
  [/\brename\s+(to|column|constraint|"|[a-z_])/i, "it renames"],
  [/^\s*truncate\b/i, "it truncates a table"],
  [/^\s*(?:with\b[\s\S]*)?delete\s+from\b/i, "it deletes rows"],
  [/\balter\s+(column\s+)?\S+\s+(set\s+data\s+)?type\b/i, "it changes a type"],
  [/\bset\s+not\s+null\b/i, "it makes a column required, which the former version does not fill"],
  [/\badd\s+(column\s+)?(?!constraint)[^,;]*\bnot\s+null\b(?![^,;]*\b(default|generated)\b)/i, "it adds a required column without a default"],
  [/\bdrop\s+default\b/i, "it drops a default"],
];

/**
 * Finds statements of a migration that need a contract step: the former version of the code must still work on the
 * new schema. A migration may do anything to a table that it creates itself.
 * @param sql the content of one migration
 * @returns a phrase for each kind; an empty list for an expanding migration
 */
export function destructive(sql: string): string[] {
  const plain = withoutText(sql);
  const created = new Set([...plain.matchAll(/\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([\w".]+)/gi)].map(([, name]) => bare(name)));
  const statements = plain.split(";").filter((statement) => {
    const table = /^\s*(?:alter\s+table|delete\s+from|truncate)\s+(?:if\s+exists\s+|only\s+|table\s+)*([\w".]+)/i.exec(statement)?.[1];
    return table === undefined || !created.has(bare(table));
  });
  const found = statements.flatMap((statement) =>
    DESTRUCTIVE.flatMap(([pattern, phrase]) => {
      const match = pattern.exec(statement);
      return match ? [phrase.replace("$1", `a ${(match[1] ?? "").toLowerCase()}`)] : [];
    }),
  );
  return [...new Set(found)];
}

const bare = (name: string | undefined) => (name ?? "").replaceAll('"', "").replace(/^public\./, "").toLowerCase();

/** Removes comments, strings and bodies of functions, since the migration does not execute their content. */
function withoutText(sql: string): string {
  return sql
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/--[^\n]*/g, "")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "");
}
