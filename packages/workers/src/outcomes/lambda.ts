import { lambdaHandler } from "../lambda-handler.ts";
import { SECTIONS } from "../sections.ts";
import { outcomes } from "./process.ts";

export const handler = lambdaHandler(outcomes, SECTIONS.outcomes);
