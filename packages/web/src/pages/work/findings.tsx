import type { Evidence } from "@gotong/client";
import { textOf } from "../../texts/index.ts";

/** What the examiner doubts, in plain words, and what its member can do. */
export function Findings({ piece }: { piece: Evidence }) {
  const findings = piece.details?.findings ?? [];
  if (findings.length === 0) return null;
  return (
    <ul class="stack">
      {findings.map((one) => (
        <li class="notice warn" key={`${one.code} ${one.evidence_id ?? ""}`}>
          <strong>{textOf("finding", one.code, "finding_other")}</strong>
          <span class="soft">{figures(one.detail)}</span>
          <span>{textOf("advice", one.code, "advice_other")}</span>
        </li>
      ))}
    </ul>
  );
}

/** Numbers of the examiner's detail, such as a distance, which read the same in every language. */
function figures(detail: string): string {
  return [...detail.matchAll(/\d[\d.,]*\s?(km\/h|km|m|s|min|h|bits?|days?)?\b/g)]
    .map(([found]) => found.trim())
    .join(" · ");
}
