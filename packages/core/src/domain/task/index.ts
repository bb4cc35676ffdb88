export { Task } from "./task.ts";
export { TaskRow } from "./row.ts";
export { updateTask } from "./state.ts";
export { releaseAll } from "./departure.ts";
export { OpenTasks } from "./open.ts";
export { Claims } from "./claims.ts";
