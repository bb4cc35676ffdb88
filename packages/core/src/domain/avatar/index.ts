// The other files are loaded by the requests that need them.

export { AvatarInput } from "./input.ts";
