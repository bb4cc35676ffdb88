import { lambdaHandler } from "../lambda-handler.ts";
import { SECTIONS } from "../sections.ts";
import { mail } from "./process.ts";

export const handler = lambdaHandler(mail, SECTIONS.mail);
