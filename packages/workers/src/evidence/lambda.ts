import { lambdaHandler } from "../lambda-handler.ts";
import { SECTIONS } from "../sections.ts";
import { evidence } from "./process.ts";

export const handler = lambdaHandler(evidence, SECTIONS.evidence);
