import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import * as v from "valibot";
import { idOf } from "../data.ts";
import { INSERT_CONTRIBUTION, INSERT_EVENT, LIST, NEXT_SEQUENCE, ONE_STATEMENT } from "./statements.ts";

const Body = v.object({ contribution_type: v.string(), title: v.string(), description: v.string() });
const Row = v.looseObject({ id: v.string() });

/** Reads a page of tasks with `pg`, like a typical handler. */
export async function listTasks(pool: pg.Pool, query: Readonly<Record<string, unknown>>) {
  const after =
    typeof query["cursor"] === "string"
      ? String(JSON.parse(Buffer.from(query["cursor"], "base64url").toString())[1])
      : null;
  const status = typeof query["status"] === "string" ? query["status"] : null;
  const { rows } = await pool.query({ name: "list", text: LIST, values: [after, status] });
  const data = rows.slice(0, 20);
  const last = v.safeParse(Row, data.at(-1));
  const next = rows.length > 20 && last.success ? encode(last.output.id) : null;
  return { data, next_cursor: next };
}

const encode = (id: string) => Buffer.from(JSON.stringify(["tasks", id])).toString("base64url");

const member = () => idOf(1 + Math.floor(Math.random() * 1_000));

/** Inserts a contribution with its event into the outbox, in a transaction of three statements. */
export async function addContribution(pool: pg.Pool, body: unknown): Promise<unknown> {
  const input = v.parse(Body, body);
  const [id, user] = [randomUUID(), member()];
  const client = await pool.connect();
  try {
    await client.query("begin");
    const values = [id, user, input.contribution_type, input.title, input.description];
    const { rows } = await client.query({ name: "insert", text: INSERT_CONTRIBUTION, values });
    const subject = `contribution:${id}`;
    await client.query({ name: "sequence", text: NEXT_SEQUENCE, values: [subject] });
    const event = [`evt_${randomBytes(8).toString("hex")}`, subject, 1, user, JSON.stringify(input)];
    await client.query({ name: "event", text: INSERT_EVENT, values: event });
    await client.query("commit");
    return rows[0];
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
  const event = [`contribution:${id}`, `evt_${randomBytes(8).toString("hex")}`, JSON.stringify(input)];
  const values = [id, user, input.contribution_type, input.title, input.description, ...event];
  const { rows } = await pool.query({ name: "at-once", text: ONE_STATEMENT, values });
  return rows[0];
}
