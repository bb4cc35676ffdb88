import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Drafts } from "../data/drafts.ts";

type TextField = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
const NOT_KEPT = new Set(["checkbox", "file", "hidden", "password", "radio"]);

/** The fields of a form whose text is kept; a password is not. */
const textFieldsOf = (form: HTMLFormElement): readonly TextField[] =>
  Array.from(form.elements).filter(
    (one): one is TextField =>
      (one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement || one instanceof HTMLSelectElement) &&
      one.name !== "" &&
      !NOT_KEPT.has(one.type),
  );

const isChanged = (field: TextField): boolean =>
  !(field instanceof HTMLSelectElement) && field.value !== field.defaultValue;

/**
 * Keeps what is written in a form until it is sent.
 * @param name of the form on its page; undefined to keep nothing
 */
export function useDraft(name: string | undefined, form: RefObject<HTMLFormElement | null>) {
  const [key] = useState(() => (name === undefined ? undefined : Drafts.keyOf(name)));
  const [isRestored, setRestored] = useState(false);
  useEffect(() => {
    const draft = key === undefined ? undefined : Drafts.read(key);
    if (draft === undefined || !form.current) return;
    for (const field of textFieldsOf(form.current)) {
      const value = draft[field.name];
      if (value === undefined) continue;
      field.value = value;
      field.dispatchEvent(new Event("input"));
    }
    setRestored(true);
  }, []);
  const drop = () => {
    if (key !== undefined) Drafts.drop(key);
    setRestored(false);
  };
  const save = () => {
    if (key === undefined || !form.current) return;
    const fields = textFieldsOf(form.current);
    if (fields.some(isChanged)) Drafts.write(key, Object.fromEntries(fields.map(({ name: of, value }) => [of, value])));
    else drop();
  };
  /** Restores the initial values of the fields. */
  const clear = () => {
    form.current?.reset();
    for (const field of form.current ? textFieldsOf(form.current) : []) field.dispatchEvent(new Event("input"));
    drop();
  };
  return { isRestored, save, drop, clear };
}
