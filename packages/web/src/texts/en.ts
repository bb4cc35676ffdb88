import { codes } from "./en-codes.ts";
import { notices } from "./en-notices.ts";
import { pages } from "./en-pages.ts";

export const en = { ...pages, ...codes, ...notices };
