export { ReportInput } from "./input.ts";
export { QueueInput } from "./queue-input.ts";
