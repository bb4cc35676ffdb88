import * as v from "valibot";
import { Audit } from "../audit/index.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Acceptance } from "../invitation/accept.ts";
import { Quota } from "../../platform/limit/quota.ts";
import { Log } from "../../platform/log.ts";
import { Network } from "../../platform/network.ts";
import { EmailProof } from "../user/email-proof.ts";
import { User } from "../user/index.ts";
import type { Client } from "./client.ts";
import type { SignedIn } from "./index.ts";
import { Lockout } from "./lockout.ts";
import { begin } from "./record.ts";

const DAY_SECONDS = 86_400;

export const Account = v.strictObject({
  ...User.Registration.entries,
  /** The token of an invitation. */
  invitation: v.optional(v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200))),
});

/**
 * Makes an account and signs it in. An invitation proves the address that it was sent to; for any other address a mail asks for the
 * proof, where one is required.
 * @param client where it is asked from: accounts are limited by address and day, those of invited members apart from the others
 * @throws AppError VALIDATION_FAILED for a guessable password; USERNAME_TAKEN, EMAIL_TAKEN, INVITATION_REQUIRED, INVALID_INVITATION,
 * RATE_LIMITED
 */
export async function register(
  { invitation: token, ...account }: v.InferOutput<typeof Account>,
  client: Client,
): Promise<SignedIn> {
  const { REGISTRATION, EMAIL_PROOF_REQUIRED } = Config.section("membership");
  if (token === undefined && REGISTRATION === "invitation")
    throw new AppError("INVITATION_REQUIRED", {
      detail:
        "Accounts are made by invitation here: ask an admin or a member for one, and send its token as `invitation`.",
    });
  const invitation = token === undefined ? undefined : await Acceptance.find(token);
  const uses = usesOf(client.address, invitation !== undefined);
  for (const { quota, network } of uses) await Quota.assertLeft(quota, network); // hashing costs more than looking
  const prepared = await User.prepare(account);
  const signedIn = await Db.transaction(async () => {
    const hasProvenEmail = invitation?.email === account.email;
    const user = await User.register(prepared, hasProvenEmail);
    for (const { quota, network } of uses) await Quota.take(quota, network);
    if (invitation) await Acceptance.accept(invitation, user.id);
    if (!hasProvenEmail && EMAIL_PROOF_REQUIRED) await EmailProof.mailTo(user);
    await Audit.record("user.register", "user", user.id, {}, user.id);
    return { user, ...(await begin(user.id, client)) };
  });
  await Lockout.remember(client.address, account.email, signedIn.user.id);
  Log.info("registered", { user_id: signedIn.user.id });
  return signedIn;
}

/**
 * What a registration uses: of the address, and of IPv6 of its /64, /56 and /48, of which the wider ones have twice and four times as
 * many. The widest first, so that two registrations lock them in one order.
 */
function usesOf(address: string, isInvited: boolean): { readonly quota: Quota.Quota; readonly network: string }[] {
  const perAddress = Config.section("membership").REGISTRATION_LIMIT_PER_DAY;
  return Network.networksOf(address)
    .map((network, wider) => {
      const limit = perAddress * 2 ** wider;
      const name = isInvited ? "invited-registrations" : "registrations";
      const detail = `At most ${limit} accounts a day are made from one address or network. Try again tomorrow, or from another one.`;
      return { network, quota: { name, limit, windowSeconds: DAY_SECONDS, detail } };
    })
    .toReversed();
}

export * as Registration from "./register.ts";
