import type { Evidence } from "@gotong/client";
import { language, textOf } from "../../texts/index.ts";
import { figures } from "./figures.ts";

/** The examiner's findings in plain language, and what the member can do about them. */
export function Findings({ piece }: { piece: Evidence }) {
  const findings = piece.details?.findings ?? [];
  if (findings.length === 0) return null;
  return (
    <ul class="stack">
      {findings.map((one) => (
        <li class="notice warn" key={`${one.code} ${one.evidence_id ?? ""}`}>
          <strong>{textOf("finding", one.code, "finding_other")}</strong>
          <span class="soft">{figures(one.detail, language.value)}</span>
          <span>{textOf("advice", one.code, "advice_other")}</span>
        </li>
      ))}
    </ul>
  );
}
