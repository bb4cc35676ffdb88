import type { Task } from "@gotong/client";
import { useEffect, useId, useState } from "preact/hooks";
import { useList } from "../data/read.ts";
import { go, place } from "../router.ts";
import { ago, appointment, hours, t } from "../texts/index.ts";
import { Icon } from "../ui/icon.tsx";
import { useSubmit } from "../ui/form.tsx";
import { among, useKeptText } from "../ui/kept.ts";
import { Choices, Heading, Items, Status } from "../ui/parts.tsx";
import { Problem } from "../ui/problem.tsx";
import { position } from "./work/position.ts";

const STATUSES = ["open", "assigned", "in_progress", "completed", "all"] as const;
type Chosen = (typeof STATUSES)[number];
const DIFFICULTIES = ["any", "easy", "intermediate", "hard"] as const;
type Difficulty = (typeof DIFFICULTIES)[number];
const TYPING_MS = 400;
/** Decimals of the sent coordinates: about a kilometre, so that the server does not learn the exact place. */
const PLACE_DECIMALS = 2;

/** The list of tasks. Its filters are in the URL, so that going back shows the same list. */
export function TasksPage() {
  const query = new URL(place.value, location.origin).searchParams;
  const [status, setStatus] = useState<Chosen>(among(STATUSES, query.get("status"), "open"));
  const [difficulty, setDifficulty] = useState<Difficulty>(among(DIFFICULTIES, query.get("difficulty"), "any"));
  const [words, setWords] = useState(query.get("q") ?? "");
  const [searched, setSearched] = useState(words);
  // Not in the URL, which a member may share: it is near their home.
  const [nearby, setNear] = useKeptText("near");
  const near = nearby === "" ? undefined : nearby;
  const searchId = useId();
  const difficultyId = useId();
  useEffect(() => {
    const timer = setTimeout(() => setSearched(words.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [words]);
  useEffect(() => {
    const next = new URLSearchParams({
      ...(status === "open" ? {} : { status }),
      ...(difficulty === "any" ? {} : { difficulty }),
      ...(searched === "" ? {} : { q: searched }),
    }).toString();
    go(next === "" ? "/" : `/?${next}`, { replace: true });
  }, [status, difficulty, searched]);
  const list = useList("listTasks", {
    query: {
      ...(status === "all" ? {} : { status }),
      ...(difficulty === "any" ? {} : { difficulty }),
      ...(searched === "" ? {} : { q: searched }),
      ...(near === undefined ? {} : { near }),
    },
  });
  return (
    <>
      <Heading text={t("tasks_title")}>
        <a class="button" href="/tasks/new">
          <Icon name="add" /> {t("publish")}
        </a>
      </Heading>
      <div class="field">
        <label for={searchId} class="hidden-visually">
          {t("search_label")}
        </label>
        <input
          id={searchId}
          type="search"
          value={words}
          placeholder={t("search_hint")}
          maxLength={200}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </div>
      <Choices
        label="filter_status"
        value={status}
        onChoose={setStatus}
        options={STATUSES.map((one) => [one, one === "all" ? t("all") : t(`status_${one}`)])}
      />
      <div class="row">
        <label for={difficultyId} class="soft">
          {t("difficulty")}
        </label>
        <div>
          <select
            id={difficultyId}
            value={difficulty}
            onChange={(event) => setDifficulty(among(DIFFICULTIES, event.currentTarget.value, "any"))}
          >
            {DIFFICULTIES.map((one) => (
              <option key={one} value={one}>
                {one === "any" ? t("all") : t(`difficulty_${one}`)}
              </option>
            ))}
          </select>
        </div>
        <NearMe value={near} onChange={(next) => setNear(next ?? "")} />
      </div>
      {list.isStale && <p class="soft">{t("stale_notice")}</p>}
      <Items list={list} empty={searched === "" ? t("tasks_empty") : t("tasks_not_found")} class="tiles">
        {(task) => <TaskCard task={task} />}
      </Items>
    </>
  );
}

/** Switches the order by distance on and off. */
function NearMe({ value, onChange }: { value: string | undefined; onChange: (near: string | undefined) => void }) {
  const submission = useSubmit();
  const find = async () => {
    const { location } = await position();
    onChange(`${location.lat.toFixed(PLACE_DECIMALS)},${location.lon.toFixed(PLACE_DECIMALS)}`);
  };
  return (
    <>
      <button
        class={value === undefined ? "second" : ""}
        type="button"
        aria-pressed={value !== undefined}
        aria-disabled={submission.isDisabled}
        onClick={() => (value === undefined ? void submission.run(find) : onChange(undefined))}
      >
        <Icon name="place" /> {submission.isBusy ? t("please_wait") : t("near_me")}
      </button>
      <Problem error={submission.error} />
    </>
  );
}

export function TaskCard({ task }: { task: Task }) {
  return (
    <a class="card" href={`/tasks/${task.id}`}>
      <div class="row between">
        <Status value={task.status} />
        <span class="soft">{ago(task.created_at)}</span>
      </div>
      <h2>{task.title}</h2>
      <p class="clamp soft">{task.description}</p>
      <TaskFacts task={task} />
    </a>
  );
}

export function TaskFacts({ task }: { task: Task }) {
  return (
    <p class="row soft">
      {task.starts_at !== null && (
        <span class="row">
          <Icon name="time" /> {appointment(task.starts_at)}
        </span>
      )}
      <span>{t(`difficulty_${task.difficulty}`)}</span>
      {task.people_needed > 1 && (
        <span class="row">
          <Icon name="member" /> {t("places_left", { left: task.places_left, people: task.people_needed })}
        </span>
      )}
      {task.estimated_hours !== null && (
        <span class="row">
          <Icon name="time" /> {hours(task.estimated_hours)}
        </span>
      )}
      {task.location !== null && (
        <span class="row">
          <Icon name="place" /> {task.location}
        </span>
      )}
    </p>
  );
}
