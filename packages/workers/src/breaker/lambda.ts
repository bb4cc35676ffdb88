import { lambdaHandler } from "../lambda-handler.ts";
import { SECTIONS } from "../sections.ts";
import { breaker } from "./process.ts";

export const handler = lambdaHandler(breaker, SECTIONS.breaker);
