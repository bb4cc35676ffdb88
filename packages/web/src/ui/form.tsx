import { type ComponentChildren, createContext, createElement } from "preact";
import { useContext, useId, useRef, useState } from "preact/hooks";
import { stored } from "../data/acts.ts";
import { t } from "../texts/index.ts";
import { useDraft } from "./draft.ts";
import { assertFields, charactersIn } from "./field-check.ts";
import { Problem, fieldError } from "./problem.tsx";
import { settle, useSettling } from "./settle.ts";

interface Submission {
  readonly isBusy: boolean;
  /** Whether its buttons are shown as disabled: while its work runs, and for the length of a double tap after a change. */
  readonly isDisabled: boolean;
  readonly error: unknown;
  /** @returns whether the work succeeded; false also if other work is still running */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

/** Runs one submission at a time, and keeps its error. */
export function useSubmit(): Submission {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const runs = useRef(false);
  const isDisabled = useSettling() || isBusy;
  return {
    isBusy,
    isDisabled,
    error,
    run: async (work) => {
      if (runs.current) return false;
      runs.current = true;
      setBusy(true);
      setError(undefined);
      try {
        await work();
        settle();
        return true;
      } catch (failure) {
        setError(failure);
        return false;
      } finally {
        runs.current = false;
        setBusy(false);
      }
    },
  };
}

/** The error of the form around a field. */
const FormError = createContext<unknown>(undefined);

interface FormProps {
  readonly submission: Submission;
  readonly onSubmit: (values: FormData) => Promise<unknown>;
  readonly submitText: string;
  /** The appearance of the button: `bad` for acts that cannot be undone. */
  readonly tone?: "bad";
  /** Whether a success empties the fields. The focus stays in the form. */
  readonly isCleared?: true;
  /** The form's name on its page, if what is written in it is kept until it is sent. */
  readonly draft?: string;
  readonly children?: ComponentChildren;
  readonly more?: ComponentChildren;
}

export function Form({ submission, onSubmit, submitText, tone, isCleared, draft: name, children, more }: FormProps) {
  const element = useRef<HTMLFormElement>(null);
  const draft = useDraft(name, element);
  return (
    <form
      noValidate
      ref={element}
      onInput={draft.save}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        // After a reload, an act that is stored is sent, and its text must not be in the form again.
        const end = stored.subscribe(draft.drop);
        void submission
          .run(async () => {
            try {
              assertFields(form);
              await onSubmit(new FormData(form));
            } catch (error) {
              draft.save();
              throw error;
            }
          })
          .finally(end)
          .then((hasSucceeded) => {
            if (hasSucceeded) (isCleared ? draft.clear : draft.drop)();
            requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
            return undefined;
          });
      }}
    >
      {draft.isRestored && (
        <div class="notice">
          <p>{t("draft_restored")}</p>
          <button class="link" type="button" onClick={draft.clear}>
            {t("draft_discard")}
          </button>
        </div>
      )}
      <FormError.Provider value={submission.error}>{children}</FormError.Provider>
      <Problem error={submission.error} />
      <button class={tone === undefined ? "wide" : `wide ${tone}`} type="submit" aria-disabled={submission.isDisabled}>
        {submission.isBusy ? t("please_wait") : submitText}
      </button>
      {more}
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: "datetime-local" | "email" | "password" | "text";
  readonly value?: string;
  readonly rows?: number;
  readonly isRequired?: boolean;
  readonly autocomplete?: string;
  readonly maxLength?: number;
  readonly inputMode?: "numeric" | "decimal";
}

/** A field of the {@link Form} around it, with the error of its value. */
export function Field(props: FieldProps) {
  const id = useId();
  const [characters, setCharacters] = useState(0);
  const tooLong = props.maxLength !== undefined && characters > props.maxLength;
  const wrong = tooLong
    ? t("field_over_limit", { count: characters, most: props.maxLength ?? 0 })
    : fieldError(useContext(FormError), props.name);
  const described = [props.hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  const common = {
    id,
    name: props.name,
    defaultValue: props.value ?? "",
    required: props.isRequired ?? false,
    "aria-invalid": wrong ? ("true" as const) : ("false" as const),
    ...(described ? { "aria-describedby": described } : {}),
    ...(props.maxLength === undefined
      ? {}
      : {
          "data-most": props.maxLength,
          onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
            setCharacters(charactersIn(event.currentTarget.value)),
        }),
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.rows === undefined ? (
        // Uses `createElement`, since JSX would need a separate element for each type of input.
        createElement("input", {
          ...common,
          type: props.type ?? "text",
          autocomplete: props.autocomplete ?? "off",
          ...(props.inputMode ? { inputMode: props.inputMode } : {}),
        })
      ) : (
        <textarea {...common} rows={props.rows} />
      )}
      {props.hint && (
        <span class="hint" id={`${id}-hint`}>
          {props.hint}
        </span>
      )}
      {wrong && (
        <span class="wrong" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}

export function Choice({ name, label, value, options }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name} defaultValue={value}>
        {options.map(([key, text]) => (
          <option key={key} value={key} selected={key === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The trimmed string of a field; undefined if it is empty. */
export function textIn(values: FormData, name: string): string | undefined {
  const value = values.get(name);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** The string of a field as typed, including spaces: for passwords. */
export function rawIn(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
