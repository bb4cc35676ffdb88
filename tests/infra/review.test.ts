import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { BASE_VARIANTS } from "../../infra/evaluate/variants.ts";
import { permissions } from "./review/permissions.ts";
import { difference, whole } from "./review/snapshot.ts";

// Tests of the files that people review before a deployment. After an intended change: `npm run infra -- update`,
// then read the diff in git.
let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

/** The stage with which each stage's snapshot is compared: the most similar stage. */
const BASES: Readonly<Record<string, string>> = {
  staging: "wulan",
  dev: "wulan",
  "pr-1": "wulan",
  "tenant-bandung": "wulan",
  "production with EKS, API pods and KEDA": "production",
};
const LONGEST_REVIEWED = 20;
const of = (id: string) => {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return found;
};

test("every role has exactly the permissions that snapshots/permissions.md lists", async () => {
  // Leaves out stages with long names, which differ only in the names that SST shortens.
  await expect(permissions(all.filter(({ variant }) => variant.stage.length <= LONGEST_REVIEWED))).toMatchFileSnapshot(
    join(import.meta.dirname, "snapshots", "permissions.md"),
  );
});

test.each([...BASE_VARIANTS.map(({ id }) => id), "production with EKS, API pods and KEDA"])(
  "the resources of %s equal the reviewed snapshot",
  async (id) => {
    const base = BASES[id];
    const text = base === undefined ? whole(of(id)) : difference(of(id), of(base));
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "snapshots", `${id.replaceAll(/\W+/g, "-")}.txt`));
  },
);
