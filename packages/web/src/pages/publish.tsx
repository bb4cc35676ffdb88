import type { Operations, Task } from "@gotong/client";
import { useId, useState } from "preact/hooks";
import { act } from "../data/acts.ts";
import { useRead } from "../data/read.ts";
import { go } from "../router.ts";
import { t, zone } from "../texts/index.ts";
import { Choice, Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { Heading, Shown, say } from "../ui/parts.tsx";
import { Problem } from "../ui/problem.tsx";
import { SkillChoice } from "../ui/skill-choice.tsx";
import { position } from "./work/position.ts";

type Body = Operations["createTask"]["input"]["body"];
const REPEATS = ["weekly", "monthly"] as const;
const DIFFICULTIES = ["easy", "intermediate", "hard"] as const;

export function PublishPage() {
  const publish = async (body: Body) => {
    const task = await act({ operation: "createTask", input: { body }, label: "publish", about: body.title });
    say(t(task ? "published" : "kept_for_later"));
    go(task ? `/tasks/${task.id}` : "/waiting", { replace: true });
  };
  return (
    <>
      <Heading text={t("publish_title")} />
      <p class="soft">{t("publish_intro")}</p>
      <TaskForm submitText={t("publish")} onSave={publish} />
    </>
  );
}

export function EditPage({ parts }: { parts: readonly string[] }) {
  const id = parts[0] ?? "";
  const task = useRead("getTask", { path: { task_id: id } });
  const save = async ({ location, coordinates, estimated_hours, starts_at, repeats, people_needed, ...body }: Body) => {
    const cleared = {
      starts_at: starts_at ?? null,
      repeats: repeats ?? null,
      // The number of people can change only while no member has a place.
      ...(people_needed === task.value?.people_needed ? {} : { people_needed }),
      location: location ?? null,
      coordinates: coordinates ?? null,
      estimated_hours: estimated_hours ?? null,
    };
    const input = { path: { task_id: id }, body: { ...body, ...cleared } };
    const saved = await act({ operation: "updateTask", input, label: "change", about: body.title });
    say(t(saved ? "saved" : "kept_for_later"));
    go(`/tasks/${id}`, { replace: true });
  };
  return (
    <>
      <Heading text={t("edit_title")} />
      <Shown reading={task}>{(value) => <TaskForm task={value} submitText={t("save")} onSave={save} />}</Shown>
    </>
  );
}

interface TaskFormProps {
  readonly task?: Task;
  readonly submitText: string;
  readonly onSave: (body: Body) => Promise<void>;
}

function TaskForm({ task, submitText, onSave }: TaskFormProps) {
  const submission = useSubmit();
  const [coordinates, setCoordinates] = useState(task?.coordinates ?? undefined);
  const [chosen, setChosen] = useState<readonly string[]>(task?.skill_ids ?? []);
  const save = (values: FormData) => {
    const place = textIn(values, "location");
    const start = textIn(values, "starts_at");
    const repeats = REPEATS.find((one) => one === values.get("repeats"));
    const hours = Number(textIn(values, "estimated_hours")?.replace(",", ".") ?? Number.NaN);
    return onSave({
      title: textIn(values, "title") ?? "",
      description: textIn(values, "description") ?? "",
      difficulty: DIFFICULTIES.find((one) => one === values.get("difficulty")) ?? "easy",
      people_needed: Number(textIn(values, "people_needed") ?? 1),
      ...(start === undefined ? {} : { starts_at: new Date(start).toISOString() }),
      ...(repeats === undefined ? {} : { repeats }),
      ...(place === undefined ? {} : { location: place }),
      ...(coordinates ? { coordinates } : {}),
      ...(Number.isNaN(hours) ? {} : { estimated_hours: hours }),
      skill_ids: [...chosen],
    });
  };
  return (
    <Form submission={submission} submitText={submitText} onSubmit={save} draft="task">
      <Field
        name="title"
        label={t("task_title")}
        hint={t("task_title_hint")}
        value={task?.title ?? ""}
        maxLength={200}
        isRequired
      />
      <Field
        name="description"
        label={t("description")}
        hint={t("description_hint")}
        rows={5}
        value={task?.description ?? ""}
        maxLength={5000}
        isRequired
      />
      <Field
        name="people_needed"
        label={t("people_needed_label")}
        inputMode="numeric"
        value={String(task?.people_needed ?? 1)}
        maxLength={3}
      />
      <Field
        name="starts_at"
        label={t("starts_at_optional")}
        hint={t("starts_at_hint", { zone: zone() })}
        type="datetime-local"
        value={task?.starts_at ? localTime(task.starts_at) : ""}
      />
      <Choice
        name="repeats"
        label={t("repeats")}
        value={task?.repeats ?? ""}
        options={[["", t("repeats_never")], ...REPEATS.map((one) => [one, t(`repeats_${one}`)] as const)]}
      />
      <Choice
        name="difficulty"
        label={t("difficulty")}
        value={task?.difficulty ?? "easy"}
        options={DIFFICULTIES.map((one) => [one, t(`difficulty_${one}`)])}
      />
      <Field
        name="location"
        label={t("location_optional")}
        hint={t("location_hint")}
        value={task?.location ?? ""}
        maxLength={200}
      />
      <PlaceButton value={coordinates} onChange={setCoordinates} />
      <Field
        name="estimated_hours"
        label={t("hours_optional")}
        inputMode="decimal"
        value={task?.estimated_hours?.toString() ?? ""}
      />
      <SkillChoice chosen={chosen} onChange={setChosen} />
    </Form>
  );
}

/** Formats a time for the browser's date field: local time without a zone. */
function localTime(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface Coordinates {
  readonly lat: number;
  readonly lon: number;
}

function PlaceButton(props: { value: Coordinates | undefined; onChange: (value: Coordinates | undefined) => void }) {
  const submission = useSubmit();
  const id = useId();
  return (
    <div class="stack">
      <button
        class="second"
        type="button"
        aria-describedby={id}
        aria-disabled={submission.isDisabled}
        onClick={() =>
          void submission.run(async () => {
            const { location } = await position();
            props.onChange({ lat: location.lat, lon: location.lon });
          })
        }
      >
        {submission.isBusy ? t("please_wait") : t("use_place")}
      </button>
      <span class="hint" id={id}>
        {props.value ? `${props.value.lat.toFixed(5)}, ${props.value.lon.toFixed(5)}` : t("use_place_hint")}
      </span>
      {props.value && (
        <button class="link" type="button" onClick={() => props.onChange(undefined)}>
          {t("remove_place")}
        </button>
      )}
      <Problem error={submission.error} />
    </div>
  );
}
