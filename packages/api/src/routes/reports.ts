import { ReportInput } from "@gotong/core/domain/report/index.ts";
import { body } from "../middleware/input.ts";

/** The body of a report, whatever it is about. */
export const reportBody = body(ReportInput.Creation);

/** Loaded with the first report: few are made, and each needs all nouns. */
export const loadReport = async () => (await import("@gotong/core/domain/report/report.ts")).Report;
