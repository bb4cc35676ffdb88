export { ModerationInput } from "./input.ts";
