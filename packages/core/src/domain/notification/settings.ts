import { eq } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Db } from "../../platform/db/index.ts";
import { pushKeys } from "../../platform/push/index.ts";
import { lockMembers } from "../user/row.ts";
import type { NotificationInput } from "./input.ts";
import { type Choices, KINDS, changed, channelsOf } from "./kinds.ts";
import { notificationSettings } from "./notification.sql.ts";
import { minuteOf, textOf } from "./quiet-hours.ts";
import type { Settings } from "./schema.ts";
import { DEFAULT_SETTINGS, type SettingsRow } from "./settings-row.ts";

/** The current member's notification settings. */
export async function get(): Promise<Settings> {
  return toInfo(await load(Actor.member().userId));
}

/** Changes the settings that `input` contains; all others stay. */
export async function change(input: v.InferOutput<typeof NotificationInput.Change>): Promise<Settings> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    // Runs changes of one member one after another.
    await lockMembers([], "no key update");
    const before = await load(userId);
    const hours = input.quiet_hours;
    const row: SettingsRow = {
      timeZone: input.time_zone ?? before.timeZone,
      quietFrom: hours === undefined ? before.quietFrom : hours && minuteOf(hours.from),
      quietUntil: hours === undefined ? before.quietUntil : hours && minuteOf(hours.until),
      choices: changed(before.choices, chosen(input.preferences)),
    };
    await Db.use()
      .insert(notificationSettings)
      .values({ userId, ...row })
      .onConflictDoUpdate({ target: notificationSettings.userId, set: row });
    return toInfo(row);
  });
}

/** Removes the channels that are not set, so that they keep their previous values. */
function chosen(preferences: v.InferOutput<typeof NotificationInput.Change>["preferences"] = {}): Choices {
  const entries = Object.entries(preferences).map(([kind, channels = {}]) => [
    kind,
    Object.fromEntries(Object.entries(channels).filter(([, isOn]) => isOn !== undefined)),
  ]);
  return Object.fromEntries(entries);
}

async function load(userId: string): Promise<SettingsRow> {
  const [row] = await Db.use().select().from(notificationSettings).where(eq(notificationSettings.userId, userId));
  return row ?? DEFAULT_SETTINGS;
}

function toInfo({ timeZone, quietFrom, quietUntil, choices }: SettingsRow): Settings {
  return {
    time_zone: timeZone,
    quiet_hours:
      quietFrom === null || quietUntil === null ? null : { from: textOf(quietFrom), until: textOf(quietUntil) },
    push_public_key: pushKeys()?.publicKey ?? null,
    preferences: Object.fromEntries(KINDS.map((kind) => [kind, channelsOf(kind, choices)])),
  };
}

export * as NotificationSettings from "./settings.ts";
