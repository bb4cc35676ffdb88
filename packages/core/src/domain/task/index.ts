export { Task } from "./task.ts";
export { TaskRow } from "./row.ts";
export { updateTask } from "./manage.ts";
