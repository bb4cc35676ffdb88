import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import * as v from "valibot";
import { idOf } from "../data.ts";
import {
  BARE_TASKS,
  type Filter,
  INSERT_CONTRIBUTION,
  INSERT_EVENT,
  NEXT_SEQUENCE,
  ONE_STATEMENT,
  TASKS,
  page,
} from "./statements.ts";
import { type TaskRow, toTask } from "./tasks.ts";

const Body = v.object({ contribution_type: v.string(), title: v.string(), description: v.string() });

type Query = Readonly<Record<string, unknown>>;

/** Reads a page of tasks with `pg`, like a typical handler: all fields of our response. */
export async function listTasks(pool: pg.Pool, query: Query) {
  const { filters, values } = filtersOf(query);
  const { rows } = await pool.query<TaskRow>({ name: `list ${filters.join()}`, text: page(TASKS, filters), values });
  return pageOf(rows.map(toTask));
}

/** Reads a page of tasks without their people. */
export async function bareListTasks(pool: pg.Pool, query: Query) {
  const { filters, values } = filtersOf(query);
  const text = page(BARE_TASKS, filters);
  const { rows } = await pool.query<{ id: string }>({ name: `bare ${filters.join()}`, text, values });
  return pageOf(rows);
}

const Cursor = v.tuple([v.literal("tasks"), v.string()]);

function filtersOf({ cursor, status }: Query) {
  const filters: Filter[] = [];
  const values: string[] = [];
  if (typeof cursor === "string") {
    filters.push("cursor");
    values.push(v.parse(Cursor, JSON.parse(Buffer.from(cursor, "base64url").toString()))[1]);
  }
  if (typeof status === "string") {
    filters.push("status");
    values.push(status);
  }
  return { filters, values };
}

function pageOf<Task extends { readonly id: string }>(tasks: readonly Task[]) {
  const data = tasks.slice(0, 20);
  const last = data.at(-1);
  return { data, next_cursor: tasks.length > 20 && last ? encode(last.id) : null };
}

const encode = (id: string) => Buffer.from(JSON.stringify(["tasks", id])).toString("base64url");

const member = () => idOf(1 + Math.floor(Math.random() * 1_000));

/** A contribution that was added, with the id, the subject and the body of its event. */
export interface Added {
  readonly contribution: unknown;
  readonly event: { readonly id: string; readonly subject: string; readonly body: string };
}

/**
 * Inserts a contribution with its event into the outbox, in a transaction of three statements.
 * @param publishedAt null if the caller publishes the event after the commit
 */
export async function addContribution(pool: pg.Pool, body: unknown, publishedAt: Date | null): Promise<Added> {
  const input = v.parse(Body, body);
  const [id, user] = [randomUUID(), member()];
  const client = await pool.connect();
  try {
    await client.query("begin");
    const values = [id, user, input.contribution_type, input.title, input.description];
    const { rows } = await client.query({ name: "insert", text: INSERT_CONTRIBUTION, values });
    const subject = `contribution:${id}`;
    const event = eventOf(subject, user, id, input);
    await client.query({ name: "sequence", text: NEXT_SEQUENCE, values: [subject] });
    const columns = [event.id, subject, 1, user, event.body, publishedAt];
    await client.query({ name: "event", text: INSERT_EVENT, values: columns });
    await client.query("commit");
    return { contribution: rows[0], event };
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

/** Inserts a contribution with its event in one statement: the minimum of one round trip to the database. */
export async function addContributionAtOnce(pool: pg.Pool, body: unknown): Promise<unknown> {
  const input = v.parse(Body, body);
  const [id, user] = [randomUUID(), member()];
  const event = eventOf(`contribution:${id}`, user, id, input);
  const own = [id, user, input.contribution_type, input.title, input.description];
  const values = [...own, event.subject, event.id, event.body];
  const { rows } = await pool.query({ name: "at-once", text: ONE_STATEMENT, values });
  return rows[0];
}

function eventOf(subject: string, user: string, contribution_id: string, input: object): Added["event"] {
  const id = `evt_${randomBytes(8).toString("hex")}`;
  const body = JSON.stringify({
    event_id: id,
    event_type: "contribution_created",
    timestamp: new Date().toISOString(),
    actor: { user_id: user },
    subject: { contribution_id, ...input },
  });
  return { id, subject, body };
}
