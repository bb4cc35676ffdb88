import { lambdaHandler } from "../lambda-handler.ts";
import { SECTIONS } from "../sections.ts";
import { sweep } from "./process.ts";

export const handler = lambdaHandler(sweep, SECTIONS.sweep);
