import { ReportInput } from "@gotong/core/domain/report/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body } from "../middleware/input.ts";

/** Validates the body of a report of any kind. */
export const reportBody = body(ReportInput.Creation);

const report = lazy(() => import("@gotong/core/domain/report/report.ts"));

/** Loads the domain of reports at the first report, since reports are rare and import all domains. */
export const loadReport = async () => (await report()).Report;
