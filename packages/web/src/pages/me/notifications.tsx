import type { NotificationSettings } from "@gotong/client";
import { useState } from "preact/hooks";
import { act } from "../../data/acts.ts";
import { PushDenied, hasPushes, supportsPushes, turnOffPushes, turnOnPushes } from "../../data/push.ts";
import { useRead } from "../../data/read.ts";
import { t } from "../../texts/index.ts";
import { Choice, Form, textIn, useSubmit } from "../../ui/form.tsx";
import { Shown, say } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";

type Preferences = NotificationSettings["preferences"];
type Kind = keyof Preferences;
const CHANNELS = ["feed", "mail", "push"] as const;

/** Settings of notifications: kinds, channels and quiet hours. */
export function Notifications() {
  const settings = useRead("getNotificationSettings", {});
  return (
    <Shown reading={settings}>
      {(value) => (
        <>
          <Device publicKey={value.push_public_key} />
          <Preferred settings={value} />
        </>
      )}
    </Shown>
  );
}

/** Switches pushes to this device on or off. */
function Device({ publicKey }: { publicKey: string | null }) {
  const submission = useSubmit();
  const [isOn, setOn] = useState(hasPushes());
  const change = () =>
    submission.run(async () => {
      if (isOn) await turnOffPushes();
      else await turnOnPushes(publicKey ?? "");
      setOn(!isOn);
      say(t(isOn ? "push_turned_off" : "push_turned_on"));
    });
  const missing = publicKey === null ? "push_not_set_up" : supportsPushes() ? undefined : "push_unsupported";
  return (
    <section class="card">
      <h2>{t("push_title")}</h2>
      <p class="soft">{t(missing ?? "push_intro")}</p>
      {submission.error instanceof PushDenied ? (
        <p class="notice bad" role="alert">
          {t("push_denied")}
        </p>
      ) : (
        <Problem error={submission.error} />
      )}
      {(missing === undefined || isOn) && (
        <button
          class={isOn ? "second" : ""}
          type="button"
          aria-disabled={submission.isDisabled}
          onClick={() => void change()}
        >
          {submission.isBusy ? t("please_wait") : t(isOn ? "push_turn_off" : "push_turn_on")}
        </button>
      )}
    </section>
  );
}

const isKind = (name: string, preferences: Preferences): name is Kind => Object.hasOwn(preferences, name);
const kindsOf = (preferences: Preferences) => Object.keys(preferences).filter((name) => isKind(name, preferences));

/** The time zones to choose from: those of Indonesia, the device's and the chosen one. */
function zones(chosen: string): readonly string[] {
  const device = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([chosen, device, "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])].toSorted();
}

function Preferred({ settings }: { settings: NotificationSettings }) {
  const submission = useSubmit();
  const [isQuiet, setQuiet] = useState(settings.quiet_hours !== null);
  const kinds = kindsOf(settings.preferences);
  const save = async (values: FormData) => {
    const [from, until] = [textIn(values, "from") ?? "21:00", textIn(values, "until") ?? "06:00"];
    const chosen = (kind: Kind) =>
      Object.fromEntries(CHANNELS.map((channel) => [channel, values.has(`${kind}.${channel}`)]));
    const body = {
      time_zone: textIn(values, "time_zone") ?? settings.time_zone,
      quiet_hours: isQuiet ? { from, until } : null,
      preferences: Object.fromEntries(kinds.map((kind) => [kind, chosen(kind)])),
    };
    const input = { body };
    const about = t("settings");
    const saved = await act({ operation: "updateNotificationSettings", input, label: "notifications", about });
    say(t(saved ? "saved" : "kept_for_later"));
  };
  return (
    <Form submission={submission} submitText={t("save")} onSubmit={save}>
      <fieldset class="card">
        <legend class="label">{t("quiet_title")}</legend>
        <p class="soft">{t("quiet_intro")}</p>
        <label class="check">
          <input type="checkbox" checked={isQuiet} onChange={(event) => setQuiet(event.currentTarget.checked)} />
          {t("quiet_on")}
        </label>
        {isQuiet && (
          <div class="row">
            <Time name="from" label={t("quiet_from")} value={settings.quiet_hours?.from ?? "21:00"} />
            <Time name="until" label={t("quiet_until")} value={settings.quiet_hours?.until ?? "06:00"} />
          </div>
        )}
        <Choice
          name="time_zone"
          label={t("time_zone")}
          value={settings.time_zone}
          options={zones(settings.time_zone).map((zone) => [zone, zone.replaceAll("_", " ")])}
        />
      </fieldset>
      <h2>{t("kinds_title")}</h2>
      {kinds.map((kind) => (
        <fieldset class="card" key={kind}>
          <legend class="label">{t(`kind_${kind}`)}</legend>
          <div class="row">
            {CHANNELS.map((channel) => (
              <label class="check" key={channel}>
                <input
                  type="checkbox"
                  name={`${kind}.${channel}`}
                  defaultChecked={settings.preferences[kind][channel]}
                />
                {t(`channel_${channel}`)}
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </Form>
  );
}

const Time = ({ name, label, value }: { name: string; label: string; value: string }) => (
  <label>
    {label}
    <input type="time" name={name} defaultValue={value} required />
  </label>
);
