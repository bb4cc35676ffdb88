import { codes } from "./id-codes.ts";
import { notices } from "./id-notices.ts";
import { pages } from "./id-pages.ts";

/** Indonesian, the first language: its keys are those of every other. */
export const id = { ...pages, ...codes, ...notices };
