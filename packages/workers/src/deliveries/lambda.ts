import { lambdaHandler } from "../lambda-handler.ts";
import { SECTIONS } from "../sections.ts";
import { deliveries } from "./process.ts";

export const handler = lambdaHandler(deliveries, SECTIONS.deliveries);
