export { CommentInput } from "./input.ts";
