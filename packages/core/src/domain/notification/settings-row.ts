import type { notificationSettings } from "./notification.sql.ts";
import type { QuietHours } from "./quiet-hours.ts";

export type SettingsRow = Omit<typeof notificationSettings.$inferSelect, "userId">;

/** Default settings: most members live in the west of Indonesia, and quiet hours are from nine to six. */
export const DEFAULT_SETTINGS: SettingsRow = {
  timeZone: "Asia/Jakarta",
  quietFrom: 21 * 60,
  quietUntil: 6 * 60,
  choices: {},
};

export const quietHoursOf = ({ quietFrom, quietUntil }: SettingsRow): QuietHours | null =>
  quietFrom === null || quietUntil === null ? null : { from: quietFrom, until: quietUntil };
