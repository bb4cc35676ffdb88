import { asc, eq, inArray } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { DISCLOSURES_MAX_BYTES } from "../../platform/bounds.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { EvidenceList, EvidenceView } from "../evidence/index.ts";
import { type Draft, FIRST, chain, draftsOf, isSame, newSalt, statusOf } from "./links.ts";
import { proofKeys, proofRoots, proofSalts, proofSeals } from "./proof.sql.ts";
import type { Bundle, Link } from "./schema.ts";
import { recordedSigner } from "./signing.ts";
import { leafOf, pathOf } from "./tree.ts";

/**
 * Returns one file that proves a contribution to an outsider: a signed chain of hashes from the contribution over its
 * evidence, its witnesses and votes to its events. Discloses the texts and places that the caller may see, and only
 * commitments to the others. Audited. For the owner, members with a part in its evidence, verifiers and admins.
 * @throws AppError NOT_FOUND, FORBIDDEN
 */
export async function get(contributionId: string): Promise<Bundle> {
  const { userId: ownerId } = await ownerAndStatus(contributionId);
  await assertParty(contributionId, ownerId);
  const now = (await draftsOf([contributionId])).get(contributionId) ?? [];
  const [seal] = await Db.use().select().from(proofSeals).where(eq(proofSeals.contributionId, contributionId));
  const salts = seal ? await storedSalts(seal.links) : new Map(now.map(({ id }) => [id, newSalt()]));
  const links = seal ? withChanges(seal.links, now) : chain(now, (id) => salts.get(id) ?? "");
  const { keyId, publicKey, sign } = await recordedSigner();
  const head = {
    format: "gotong-proof/1" as const,
    contribution_id: contributionId,
    made_at: Clock.now().toISOString(),
    sealed_links: seal?.links.length ?? 0,
  };
  await Audit.recordRead("contribution.proof", "contribution", contributionId);
  return {
    ...head,
    links,
    key: { id: keyId, public_key: publicKey },
    signature: sign({ ...head, head: links.at(-1)?.hash ?? FIRST }),
    inclusion: seal ? await inclusionOf(seal.rootNumber, seal.position) : null,
    ...disclose(links, now, salts, ownerId),
  };
}

async function assertParty(contributionId: string, ownerId: string): Promise<void> {
  const { userId, roles } = Actor.member();
  if (userId === ownerId || roles.includes("verifier") || roles.includes("admin")) return;
  const [party] = await EvidenceList.partyOf(contributionId, userId);
  if (!party) throw new AppError("FORBIDDEN", { detail: "Only members with a part in the contribution may prove it." });
}

/** Adds links for changes of pieces of evidence since the links were sealed. */
function withChanges(sealed: readonly Link[], now: readonly Draft[]): Link[] {
  const changes = now.flatMap(({ id, evidence }): Draft[] => {
    const before = sealed.find((link) => link.kind === "evidence" && link.id === id);
    if (!before || !evidence) return [];
    const body = statusOf(evidence);
    const { status, withdrawn_at, erased_at } = before.body;
    return isSame(body, { status, withdrawn_at, erased_at }) ? [] : [{ kind: "change", id, body, secrets: {} }];
  });
  return [...sealed, ...chain(changes, () => "", sealed.at(-1)?.hash)];
}

async function storedSalts(links: readonly Link[]): Promise<Map<string, string>> {
  const ids = links.filter(({ sealed }) => Object.keys(sealed).length > 0).map(({ id }) => id);
  const rows = await Db.use().select().from(proofSalts).where(inArray(proofSalts.subjectId, ids));
  return new Map(rows.map(({ subjectId, salt }) => [subjectId, salt]));
}

async function inclusionOf(rootNumber: number, position: number): Promise<Bundle["inclusion"]> {
  const [root] = await Db.use()
    .select({ document: proofRoots.document, publicKey: proofKeys.publicKey })
    .from(proofRoots)
    .innerJoin(proofKeys, eq(proofKeys.id, proofRoots.keyId))
    .where(eq(proofRoots.number, rootNumber));
  const heads = await Db.use()
    .select({ head: proofSeals.head })
    .from(proofSeals)
    .where(eq(proofSeals.rootNumber, rootNumber))
    .orderBy(asc(proofSeals.position));
  if (!root) return null;
  const leaves = heads.map(({ head }) => leafOf(Buffer.from(head, "hex")));
  return {
    position,
    path: pathOf(leaves, position).map((hash) => hash.toString("hex")),
    root: root.document,
    root_key: root.publicKey,
  };
}

/** The values that the current actor may see and whose salt still exists, up to the maximum size. */
function disclose(
  links: readonly Link[],
  now: readonly Draft[],
  salts: ReadonlyMap<string, string>,
  ownerId: string,
): Pick<Bundle, "disclosures" | "disclosures_omitted"> {
  const disclosures: Bundle["disclosures"][number][] = [];
  let [bytes, omitted] = [2, 0];
  for (const [index, link] of links.entries()) {
    const draft = now.find(({ kind, id }) => kind === link.kind && id === link.id);
    const salt = salts.get(link.id);
    if (!draft || salt === undefined || !maySee(draft, ownerId)) continue;
    for (const [name, value] of Object.entries(draft.secrets)) {
      const disclosure = { link: index, name, salt, value };
      const size = Buffer.byteLength(JSON.stringify(disclosure)) + 1;
      if (bytes + size > DISCLOSURES_MAX_BYTES) omitted += 1;
      else {
        bytes += size;
        disclosures.push(disclosure);
      }
    }
  }
  return { disclosures, disclosures_omitted: omitted };
}

/** Whether the current actor may see the texts of a link. Only its submitter and admins may see a hidden piece. */
function maySee({ evidence }: Draft, ownerId: string): boolean {
  if (!evidence) return true;
  const { userId, roles } = Actor.member();
  const isVisible = evidence.hiddenAt === null || evidence.submittedBy === userId || roles.includes("admin");
  return isVisible && EvidenceView.maySeeDetails(evidence, ownerId);
}
