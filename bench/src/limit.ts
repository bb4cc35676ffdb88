import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { unmeasured } from "./cold.ts";
import { type Size, tokensFor } from "./http.ts";
import { type Pairs, paired } from "./paired.ts";
import { INSERT_CONTRIBUTION, INSERT_EVENT, LIST, NEXT_SEQUENCE } from "./peers/statements.ts";
import { slice } from "./slice.ts";
import type { Stage } from "./stage.ts";
import { newContribution, randomPage } from "./work.ts";

const run = promisify(execFile);
const CLIENTS = 10;

/** Values in place of the parameters of a peer's statement, computed by PostgreSQL. */
function withValues(text: string, values: readonly string[]): string {
  const one = text.replaceAll(/\s+/g, " ").trim();
  return `${one.replaceAll(/\$(\d+)/g, (_, n: string) => values[Number(n) - 1] ?? "null")};\n`;
}

const MEMBER = "('00000000-0000-7000-8000-' || lpad(to_hex(1 + :m), 12, '0'))::uuid";
const TITLE = "'Cleared the drain', 'From the mosque to the rice fields, with five neighbours.'";

/** pgbench with the peers' statements and ten clients: what the database allows beside nothing else. */
export async function limit(stage: Stage, { tasks, rounds, sliceSeconds }: Size): Promise<Pairs[]> {
  if (spawnSync("pgbench", ["--version"]).status !== 0) {
    process.stdout.write("The limit is left out: there is no pgbench here.\n");
    return [];
  }
  const [list, post] = [join(stage.dir, "list.sql"), join(stage.dir, "post.sql")];
  const after = "('00000000-0000-7000-8000-' || lpad(to_hex(:n), 12, '0'))::uuid";
  writeFileSync(list, `\\set n random(21, ${tasks})\n${withValues(LIST, [after, "null"])}`);
  const [subject, event] = [
    "'contribution:' || :a || '-' || :b",
    "'evt_' || lpad(to_hex(:a), 8, '0') || lpad(to_hex(:b), 8, '0')",
  ];
  writeFileSync(
    post,
    [
      "\\set m random(0, 999)\n\\set a random(1, 2000000000)\n\\set b random(1, 2000000000)\nbegin;\n",
      withValues(INSERT_CONTRIBUTION.replace("$4, $5", TITLE), ["gen_random_uuid()", MEMBER, "'community_service'"]),
      withValues(NEXT_SEQUENCE, [subject]),
      withValues(INSERT_EVENT, [event, subject, "1", MEMBER, "'{}'"]),
      "commit;\n",
    ].join(""),
  );
  const pgbench = (file: string) => async () => {
    const options = ["-n", "-M", "prepared", "-c", String(CLIENTS), "-j", "2", "-T", String(sliceSeconds), "-f", file];
    const { stdout } = await run("pgbench", [...options, stage.databaseUrl]);
    const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
    return { ...unmeasured, requestsPerSecond: perSecond, cpuMs: Number.NaN };
  };
  const queue = await stage.program("queue stub", "queue-stub.ts");
  const api = await stage.api("ours", stage.queuesAt(queue.url));
  const tokens = await tokensFor(api);
  return [
    await paired(
      "list of 20, random page : pgbench, 10 clients",
      rounds,
      () => slice({ program: api, next: randomPage(tasks, tokens) }, sliceSeconds, 32),
      pgbench(list),
    ),
    await paired(
      "POST, queue that costs nothing : pgbench, 10 clients",
      rounds,
      () => slice({ program: api, next: newContribution(tokens) }, sliceSeconds, 32),
      pgbench(post),
    ),
  ];
}
