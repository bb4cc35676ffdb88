import { AppError } from "../../platform/error.ts";
import { refuseBlocked } from "../block/index.ts";
import { Contribution } from "../contribution/index.ts";
import { Hidden } from "../hidden/index.ts";

/**
 * Checks that a contribution accepts evidence from the current member.
 * @returns the owner's id
 * @throws AppError NOT_FOUND, FORBIDDEN, CONTENT_HIDDEN; VERIFICATION_CLOSED for a decided contribution
 */
export async function assertOpen(contributionId: string, lock?: "no key update"): Promise<string> {
  const contribution = await Contribution.ownerAndStatus(contributionId, lock);
  Hidden.assertNot(contribution);
  await refuseBlocked([contribution.userId]);
  if (contribution.verificationStatus !== "pending") throw new AppError("VERIFICATION_CLOSED");
  return contribution.userId;
}
