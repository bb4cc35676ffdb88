import { codes } from "./id-codes.ts";
import { notices } from "./id-notices.ts";
import { pages } from "./id-pages.ts";

/** Indonesian, the first language: every other language has the same keys. */
export const id = { ...pages, ...codes, ...notices };
