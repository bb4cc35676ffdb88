export { countExamining } from "./backlog.ts";
export { Evidence } from "./evidence.ts";
export { CONTENT_TYPES } from "./file-rules.ts";
export { EvidenceList } from "./list.ts";
export { EvidenceQueue } from "./queue.ts";
export { EvidenceSummary } from "./summary.ts";
export { EvidenceView } from "./view.ts";
export { closeOpen } from "./close.ts";
