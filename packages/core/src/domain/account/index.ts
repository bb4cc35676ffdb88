export { EmailChange } from "./email-change.ts";
export { Mfa } from "./mfa.ts";
export { Registration } from "./register.ts";
export { ExportQuery } from "./export/query.ts";
