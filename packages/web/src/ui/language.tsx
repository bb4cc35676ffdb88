import { useId } from "preact/hooks";
import { account, client } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import type { Language as Chosen } from "../texts/choice.ts";
import { LANGUAGES, chooseLanguage, language, t } from "../texts/index.ts";

const isLanguage = (value: string): value is Chosen => Object.hasOwn(LANGUAGES, value);

/** Sets the language of this device, and of mails and pushes to the signed-in member. */
function choose(value: Chosen): void {
  void chooseLanguage(value);
  if (account.value) client.call("updateMe", { body: { language: value } }).catch(() => undefined);
}

export function Language() {
  const id = useId();
  const chosen = useSignal(language);
  return (
    <div class="field">
      <label for={id}>{t("language")}</label>
      <select
        id={id}
        value={chosen}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (isLanguage(value)) choose(value);
        }}
      >
        {Object.entries(LANGUAGES).map(([key, name]) => (
          <option key={key} value={key} lang={key}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
