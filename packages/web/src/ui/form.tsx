import { type ComponentChildren, createContext, createElement } from "preact";
import { useContext, useId, useRef, useState } from "preact/hooks";
import { t } from "../texts/index.ts";
import { Problem, fieldError } from "./problem.tsx";

interface Submission {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** @returns whether the work succeeded; false also if other work is still running */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

/** Runs one submission at a time, and keeps its error. */
export function useSubmit(): Submission {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const runs = useRef(false);
  return {
    isBusy,
    error,
    run: async (work) => {
      if (runs.current) return false;
      runs.current = true;
      setBusy(true);
      setError(undefined);
      try {
        await work();
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
  readonly children?: ComponentChildren;
  readonly more?: ComponentChildren;
}

export function Form({ submission, onSubmit, submitText, tone, isCleared, children, more }: FormProps) {
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void submission
          .run(() => onSubmit(new FormData(form)))
          .then((hasSucceeded) => {
            if (hasSucceeded && isCleared) form.reset();
            requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
            return undefined;
          });
      }}
    >
      <FormError.Provider value={submission.error}>{children}</FormError.Provider>
      <Problem error={submission.error} />
      <button class={tone === undefined ? "wide" : `wide ${tone}`} type="submit" aria-disabled={submission.isBusy}>
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
  const wrong = fieldError(useContext(FormError), props.name);
  const described = [props.hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  const common = {
    id,
    name: props.name,
    defaultValue: props.value ?? "",
    required: props.isRequired ?? false,
    "aria-invalid": wrong ? ("true" as const) : ("false" as const),
    ...(described ? { "aria-describedby": described } : {}),
    ...(props.maxLength === undefined ? {} : { maxLength: props.maxLength }),
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
