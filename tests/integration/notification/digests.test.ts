import { afterEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Digests } from "@gotong/core/domain/notification/digests.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Timer } from "@gotong/core/outbox/index.ts";
import { notify } from "@gotong/core/domain/notification/notify.ts";
import { taskInput } from "../../harness/factories.ts";
import { deliverMail, mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const { directory } = useMailDirectory(platform);
let restore: (() => void) | undefined;
afterEach(() => {
  restore?.();
  restore = undefined;
});

const HOUR_MS = 3_600_000;
const START = Date.parse("2027-03-01T03:00:00.000Z"); // ten o'clock in Jakarta
const now = (hours: number) => {
  restore?.();
  restore = Clock.set(() => new Date(START + hours * HOUR_MS));
};
const asSystem = <T>(work: () => Promise<T>) => Actor.run({ type: "system", name: "test" }, Id.uuid(), work);
const sweep = () => asSystem(() => Digests.run());

/** Creates a member with a verified address. */
async function confirmed(): Promise<Person> {
  const person = await platform.person();
  await platform.sql`update users set email_verified_at = now() where id = ${person.id}`;
  return person;
}

async function setting(
  person: Person,
  columns: { readonly timeZone?: string; readonly quiet?: [number, number] | null },
) {
  const [from, until] = columns.quiet === undefined ? [1260, 360] : (columns.quiet ?? [null, null]);
  await platform.sql`insert into notification_settings (user_id, time_zone, quiet_from, quiet_until)
    values (${person.id}, ${columns.timeZone ?? "Asia/Jakarta"}, ${from}, ${until})`;
}

/** Notifies a member `hours` after `START`. */
async function notified(person: Person, hours: number): Promise<void> {
  now(hours);
  await asSystem(() => notify([person.id], { kind: "report_decided", actorId: null, outcome: "dismissed" }));
}

async function mailed(person: Person): Promise<number> {
  await deliverMail();
  return mailsTo(directory, person.email).length;
}

test("several notifications are mailed after two days, a single one after a week, and none in quiet hours, over 30 days", async () => {
  const [busy, calm, silent] = [await confirmed(), await confirmed(), await confirmed()];
  await setting(busy, { quiet: [0, 1380] });
  await setting(calm, { timeZone: "Asia/Jayapura" });
  const sent: { who: string; hour: number }[] = [];
  const before = new Map([
    [busy, 0],
    [calm, 0],
    [silent, 0],
  ]);
  for (let hour = 0; hour < 30 * 24; hour += 1) {
    if (hour % 5 === 0) await notified(busy, hour);
    if (hour === 10 || hour === 15 * 24) await notified(calm, hour);
    now(hour + 0.5);
    await sweep();
    if (hour % 24 === 0 || hour > 0) {
      for (const [person, name] of [
        [busy, "busy"],
        [calm, "calm"],
        [silent, "silent"],
      ] as const) {
        const [row] = await platform.sql`select count(*)::int as waiting from digests where user_id = ${person.id}`;
        const waiting = Number(row?.["waiting"]);
        if (waiting === 0 && before.get(person) === 1) sent.push({ who: name, hour });
        before.set(person, waiting);
      }
    }
  }
  const hoursOf = (name: string) => sent.filter(({ who }) => who === name).map(({ hour }) => hour);
  expect(await mailed(busy)).toBe(hoursOf("busy").length);
  expect(await mailed(calm)).toBe(2);
  expect(await mailed(silent)).toBe(0);
  // At most one mail in two days, for 144 notifications.
  const busyHours = hoursOf("busy");
  expect(busyHours.length).toBeGreaterThan(8);
  expect(busyHours.length).toBeLessThanOrEqual(15);
  // Hour 0 is ten o'clock; the only hour that is not quiet for this member is from 23:00 to midnight.
  expect(busyHours.every((hour) => (hour + 10) % 24 === 23)).toBe(true);
  // The first mail is due a week after 20:00 in Jakarta, which is 22:00 in Jayapura, in quiet hours. It is sent when
  // these end, at 6:00 in Jayapura and 4:00 in Jakarta. The second mail is due outside of quiet hours.
  expect(hoursOf("calm")).toEqual([7 * 24 + 18, 22 * 24]);
}, 240_000);

test("a digest lists unread notifications in the member's language, and contains each notification once", async () => {
  now(0);
  const [creator, member] = [await confirmed(), await platform.person()];
  await platform.sql`update users set language = 'id' where id = ${creator.id}`;
  restore?.();
  restore = undefined;
  const made = await creator.post("/v1/tasks", taskInput({ title: "Clear the drain" }));
  const task = `/v1/tasks/${String(made.json["id"])}`;
  await member.post(`${task}/comments`, { text: "I come." });
  const { json } = await creator.get("/v1/notifications");
  await creator.post(`/v1/notifications/${String(json["data"]?.[0]?.["id"])}/read`);
  await member.post(`${task}/claim`);
  await member.post(`${task}/unassign`, {});
  const [row] = await platform.sql`select username from users where id = ${member.id}`;
  await sweep();
  restore = Clock.set(() => new Date(Date.now() + 72 * HOUR_MS));
  await sweep();
  await sweep();
  await deliverMail();
  const mails = mailsTo(directory, creator.email);
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain("Subject: Yang terjadi di Gotong Royong");
  expect(mails[0]).toContain(
    `- ${String(row?.["username"])} akan mengerjakan “Clear the drain”.\n- “Clear the drain” dikembalikan dan terbuka lagi.\n`,
  );
  expect(mails[0]).not.toContain("mengomentari");
});

test("read, switched-off and hidden notifications are not mailed, and an unverified e-mail address gets no digest", async () => {
  const [reader, unconfirmed, chooser] = [await confirmed(), await platform.person(), await confirmed()];
  await platform.sql`update users set email_verified_at = null where id = ${unconfirmed.id}`;
  await chooser.send("PATCH", "/v1/me/notification-settings", { preferences: { report_decided: { mail: false } } });
  for (const person of [reader, unconfirmed, chooser]) for (const hour of [0, 1, 2]) await notified(person, hour);
  await sweep();
  restore?.();
  restore = undefined;
  expect((await reader.post("/v1/notifications/read", {})).status).toBe(200);
  now(24 * 20);
  await sweep();
  for (const person of [reader, unconfirmed, chooser]) expect(await mailed(person)).toBe(0);
  expect(
    await platform.sql`select 1 from digests where user_id in ${platform.sql([reader.id, unconfirmed.id, chooser.id])}`,
  ).toHaveLength(0);
});

test("two concurrent sweeps send one digest", async () => {
  const person = await confirmed();
  for (const hour of [0, 1]) await notified(person, hour);
  await sweep();
  now(60);
  await Promise.all([sweep(), sweep(), sweep()]);
  await sweep();
  expect(await mailed(person)).toBe(1);
});

test("repeated calls of Timer.armAt() send one message for a timer's next due time, and another one only for an earlier time", async () => {
  now(0);
  const delays: number[] = [];
  const real = Queue.get();
  Queue.use({
    ...real,
    send: async (queue, message) => {
      if (queue === "sweep") delays.push(message.delaySeconds ?? 0);
      else await real.send(queue, message);
    },
  });
  try {
    const name = Id.uuid();
    const arm = (hours: number) => Timer.armAt(name, new Date(START + hours * HOUR_MS));
    for (const hours of [48, 48, 72, 48]) await arm(hours);
    expect(delays).toHaveLength(1);
    await arm(24);
    await arm(48);
    expect(delays).toHaveLength(2);
    now(24);
    await arm(48);
    expect(delays).toEqual([900, 900, 900]);
  } finally {
    Queue.use(undefined);
  }
});
