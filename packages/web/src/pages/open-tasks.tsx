import { useList } from "../data/read.ts";
import { appointment, hours, t } from "../texts/index.ts";

/** Upper limit of the tasks below the login. */
const query = { limit: 6 };

/** The open tasks for people without an account, below the login. Shows nothing if the community does not publish them. */
export function OpenTasks() {
  const list = useList("listOpenTasks", { query });
  if (list.value === undefined || list.value.length === 0) return null;
  return (
    <section class="stack">
      <h2>{t("open_tasks_title")}</h2>
      <p class="soft">{t("open_tasks_intro")}</p>
      <ul class="tiles">
        {list.value.map((task) => (
          <li class="card" key={task.id}>
            <h3>{task.title}</h3>
            <p class="row soft">
              <span>{t(`difficulty_${task.difficulty}`)}</span>
              {task.starts_at !== null && <span>{appointment(task.starts_at)}</span>}
              {task.estimated_hours !== null && <span>{hours(task.estimated_hours)}</span>}
              {task.people_needed > 1 && (
                <span>{t("places_left", { left: task.places_left, people: task.people_needed })}</span>
              )}
            </p>
          </li>
        ))}
      </ul>
      <a class="button second" href="/register">
        {t("to_register")}
      </a>
    </section>
  );
}
