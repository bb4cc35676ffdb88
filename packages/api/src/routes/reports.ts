import { ReportInput } from "@gotong/core/domain/report/index.ts";
import { body } from "../middleware/input.ts";

/** The body of a report of any kind. */
export const reportBody = body(ReportInput.Creation);

/** Loaded with the first report: reports are rare, and need all domains. */
export const loadReport = async () => (await import("@gotong/core/domain/report/report.ts")).Report;
