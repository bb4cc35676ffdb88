import * as v from "valibot";
import { Release } from "@gotong/core/platform/release/index.ts";
import type { Outcome } from "../outcome.ts";

const SHOWN = 50;
const json = <S extends v.GenericSchema>(schema: S) => v.pipe(v.string(), v.parseJson(), schema);

/** `gotong releases list` lists releases, newest first. */
export async function list(): Promise<Outcome> {
  const all = await Release.list(SHOWN);
  const rows = all.map(({ started_at, kind, version, commit, operator, step, outcome, data }) => {
    const failure = typeof data["failure"] === "string" ? `  ${data["failure"]}` : "";
    return `${started_at}  ${kind} ${version} (${commit})  ${outcome ?? `unfinished at ${step}`}  ${operator}${failure}\n`;
  });
  return { text: rows.join("") || "there was no release yet\n", data: all };
}

/** `gotong releases begin <json>` acquires the stage's lock. `gotong release` calls it. */
export async function begin(text: string): Promise<Outcome> {
  const info = await Release.begin(v.parse(json(Release.Begin), text));
  return { text: `${info.id} is at its step ${info.step}\n`, data: info };
}

/** `gotong releases save <json>` records a step. `gotong release` calls it after each step. */
export async function save(text: string): Promise<Outcome> {
  await Release.save(v.parse(json(Release.Save), text));
  return { text: "recorded\n", data: {} };
}
