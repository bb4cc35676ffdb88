import { ReportInput } from "@gotong/core/domain/report/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body } from "../middleware/input.ts";

/** The body of a report of any kind. */
export const reportBody = body(ReportInput.Creation);

const report = lazy(() => import("@gotong/core/domain/report/report.ts"));

/** Loaded with the first report: reports are rare, and need all domains. */
export const loadReport = async () => (await report()).Report;
