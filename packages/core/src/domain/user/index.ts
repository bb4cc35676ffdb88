export { User } from "./user.ts";
export { EmailProof } from "./email-proof.ts";
export { FormerNames } from "./former-names.ts";
export { memberFilter, memberOf } from "./member-filter.ts";
export { Notice } from "./notice.ts";
export { Profile } from "./profile.ts";
export { Roles } from "./roles.ts";
export { Register } from "./register.ts";
export { UserSearch } from "./search.ts";
