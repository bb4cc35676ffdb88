export { Invitation } from "./invitation.ts";
