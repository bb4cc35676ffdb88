import { codes } from "./en-codes.ts";
import { pages } from "./en-pages.ts";

export const en = { ...pages, ...codes };
