export { Audit } from "./audit.ts";
export { AuditLog } from "./list.ts";
