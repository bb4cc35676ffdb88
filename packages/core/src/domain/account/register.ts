import * as v from "valibot";
import { Audit } from "../../platform/audit/index.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Acceptance } from "../invitation/accept.ts";
import { Event } from "../../outbox/index.ts";
import { Quota } from "../../platform/limit/index.ts";
import { Log } from "../../platform/log.ts";
import { Network } from "../../platform/network.ts";
import { EmailProof, User } from "../user/index.ts";
import { type Client, Lockout, Session, SessionRecord } from "../session/index.ts";

const DAY_SECONDS = 86_400;

export const Account = v.strictObject({
  ...User.Registration.entries,
  /** The token of an invitation. */
  invitation: v.optional(v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(200))),
});

/**
 * Creates an account and signs it in. An invitation verifies the address that it was sent to; for any other address a
 * verification mail is sent, if the stage requires verification. A member who joins with a link may act before they
 * verify their address, since the inviter admits them.
 * @param client accounts are limited by address and day; invited members have a separate limit
 * @throws AppError VALIDATION_FAILED for a guessable password; USERNAME_TAKEN, EMAIL_TAKEN, INVITATION_REQUIRED,
 * INVALID_INVITATION, RATE_LIMITED
 */
export async function register(
  { invitation: token, ...account }: v.InferOutput<typeof Account>,
  client: Client,
): Promise<Session.SignedIn> {
  const { REGISTRATION, EMAIL_PROOF_REQUIRED } = Config.section("membership");
  if (token === undefined && REGISTRATION === "invitation")
    throw new AppError("INVITATION_REQUIRED", {
      detail:
        "Registration requires an invitation: ask an admin or a member for one, and send its token as `invitation`.",
    });
  const invitation = token === undefined ? undefined : await Acceptance.find(token);
  const uses = usesOf(client.address, invitation !== undefined);
  for (const { quota, network } of uses) await Quota.assertLeft(quota, network); // checked before the password is hashed, since hashing is expensive
  const prepared = await User.prepare(account);
  // A registration with an invitation notifies the inviter, and only an act arms the sweep that sends notifications. A
  // registration without an invitation notifies no member, so a transaction is enough.
  const act: typeof Db.transaction = (work) => (invitation ? Event.act(work) : Db.transaction(work));
  const signedIn = await countingTaken(uses, () =>
    act(async () => {
      const hasProvenEmail = invitation?.email === account.email;
      const by = hasProvenEmail ? "proof" : invitation?.isLink === true ? "link" : undefined;
      const user = await User.register(prepared, by);
      for (const { quota, network } of uses) await Quota.take(quota, network);
      if (invitation) await Acceptance.accept(invitation, user.id);
      if (!hasProvenEmail && EMAIL_PROOF_REQUIRED) await EmailProof.mailTo(user);
      await Audit.record("user.register", "user", user.id, {}, user.id);
      return { user, ...(await SessionRecord.begin(user.id, client)) };
    }),
  );
  await Lockout.remember(client.address, account.email, signedIn.user.id);
  Log.info("registered", { user_id: signedIn.user.id });
  return signedIn;
}

/**
 * Takes the quota of a registration also for the response EMAIL_TAKEN: otherwise a client could test without limit
 * which addresses have accounts.
 */
async function countingTaken<Result>(uses: readonly Use[], register: () => Promise<Result>): Promise<Result> {
  try {
    return await register();
  } catch (error) {
    if (error instanceof AppError && error.code === "EMAIL_TAKEN")
      for (const { quota, network } of uses) await Quota.take(quota, network);
    throw error;
  }
}

interface Use {
  readonly quota: Quota.Quota;
  readonly network: string;
}

/**
 * The quotas that a registration uses: one for an IPv4 address, three for IPv6 (/64, /56 and /48; the wider networks
 * with twice and four times the limit). Widest first, so that concurrent registrations lock in the same order.
 */
function usesOf(address: string, isInvited: boolean): Use[] {
  const perAddress = Config.section("membership").REGISTRATION_LIMIT_PER_DAY;
  return Network.networksOf(address)
    .map((network, wider) => {
      const limit = perAddress * 2 ** wider;
      const name = isInvited ? "invited-registrations" : "registrations";
      const detail = `At most ${limit} accounts a day can be created from one address or network. Try again tomorrow, or from another one.`;
      return { network, quota: { name, limit, windowSeconds: DAY_SECONDS, detail } };
    })
    .toReversed();
}

export * as Registration from "./register.ts";
