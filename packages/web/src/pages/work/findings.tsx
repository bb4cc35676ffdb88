import type { Evidence } from "@gotong/client";
import { textOf } from "../../texts/index.ts";

/** The examiner's findings in plain language, and what the member can do about them. */
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

/** Numbers in the detail of a finding, such as a distance, which need no translation. */
function figures(detail: string): string {
  return [...detail.matchAll(/\d[\d.,]*\s?(km\/h|km|m|s|min|h|bits?|days?)?\b/g)]
    .map(([found]) => found.trim())
    .join(" · ");
}
