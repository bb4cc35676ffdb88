export { Password } from "./password.ts";
export { EnteredPassword, NewPassword } from "./input.ts";
