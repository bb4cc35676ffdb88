import { ReportInput } from "@gotong/core/domain/report/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body } from "../middleware/input.ts";

/** The body of a report, whatever it is about. */
export const reportBody = body(ReportInput.Creation);

/** Loaded with the first report: few are made, and each needs all nouns. */
const report = lazy(() => import("@gotong/core/domain/report/report.ts"));
export const loadReport = async () => (await report()).Report;
