export { Password } from "./password.ts";
export { Hashing } from "./hashing.ts";
export { EnteredPassword, NewPassword } from "./input.ts";
