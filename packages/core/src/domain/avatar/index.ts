// Requests that need other files of this folder import them directly.

export { AvatarInput } from "./input.ts";
