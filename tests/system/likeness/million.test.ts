import { expect, test } from "vitest";
import { Db } from "@gotong/core/platform/db/index.ts";
import { decode } from "@gotong/core/domain/evidence/examiner/decode.ts";
import { findLookalikes } from "@gotong/core/domain/evidence/comparisons.ts";
import { searchTokens, storedLikeness } from "@gotong/core/domain/evidence/picture-likeness.ts";
import { randomOf } from "../../harness/random.ts";
import { usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";
import { explain } from "../explain/plan.ts";
import { CHANGES, painted } from "./pictures.ts";

const PICTURES = sized(100_000, 1_000_000);
/** Number of pictures added since the last vacuum, which the index must find as well. */
const SINCE_VACUUM = 5_000;
/**
 * Upper limit of 8 KB blocks for one token: the path through the index, and the rows that share the token by chance.
 */
const MOST_BLOCKS_PER_TOKEN = 12;

const platform = usePlatform({ workers: false });
const likenessOf = async (picture: Buffer) => (await decode(picture, 1, 5e7)).likeness;
const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** Inserts pictures with random tokens. */
const fill = (from: number, to: number) =>
  platform.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`; // skips foreign key checks
    await tx`select setseed(0.5)`;
    await tx.unsafe(`
      insert into evidence (id, contribution_id, submitted_by, evidence_type, status, claimed_at, media_hash, upload_id,
        picture_hash, picture_windows, picture_tokens, decided_at)
      select i, i, i, 'photo_with_timestamp', 'accepted', now(), lpad(to_hex(n), 64, '0'), i,
        repeat('0', 16), array_fill(substr(md5(n::text), 1, 16), array[11]),
        array(select floor(random() * 2097152)::int + case when g < 33 then g % 3 else g - 30 end * 2097152
          from generate_series(0, 35) g where n > 0),
        now()
      from generate_series(${from}, ${to}) n,
        lateral (select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as i) ids`);
  });

test(
  "among many pictures, an index finds the original of a copy without a table scan",
  async () => {
    const { sql } = platform;
    const [index] = await sql`select pg_get_indexdef('evidence_picture_tokens_idx'::regclass) as made`;
    await sql`drop index evidence_picture_tokens_idx`; // creating the index after the inserts takes a tenth of the time
    await fill(1, PICTURES);
    await sql.unsafe(String(index?.["made"]));
    await sql`vacuum analyze evidence`;
    await fill(PICTURES + 1, PICTURES + SINCE_VACUUM);

    const picture = await painted(1);
    const original = storedLikeness(await likenessOf(picture));
    await sql`update evidence set picture_windows = ${original.pictureWindows}, picture_tokens = ${original.pictureTokens}
      where id = ${idOf(77)}`;
    for (const [kind, change] of Object.entries(CHANGES)) {
      const copy = await likenessOf(await change(picture, randomOf(1)).jpeg({ quality: 75 }).toBuffer());
      const queries: { text: string; params: readonly unknown[] }[] = [];
      const stop = Db.watch((text, params) => queries.push({ text, params }));
      const begun = performance.now();
      const findings = await findLookalikes(idOf(2 * PICTURES), copy);
      const milliseconds = Math.round(performance.now() - begun);
      stop();
      expect(JSON.stringify(findings), kind).toContain(idOf(77));
      let blocks = 0;
      for (const query of queries) {
        const plan = await explain(sql, query, true);
        expect(plan.scanned, query.text).toEqual([]);
        expect(plan.indexes.length, query.text).toBeGreaterThan(0);
        blocks += plan.blocks ?? 0;
      }
      const tokens = searchTokens(copy).length;
      process.stdout.write(`${kind}: ${tokens} tokens, ${blocks} blocks, ${milliseconds} ms\n`);
      expect(blocks / tokens, kind).toBeLessThan(MOST_BLOCKS_PER_TOKEN);
    }
  },
  sized(300_000, 3_600_000),
);
