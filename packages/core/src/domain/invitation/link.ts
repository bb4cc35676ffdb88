import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import type { Quota } from "../../platform/limit/index.ts";
import { Token } from "../session/token.ts";
import { joinUrl } from "./mail.ts";

const DAY_SECONDS = 86_400;

/**
 * The quota of one member for links.
 * @param uses number of members that the link may admit
 * @throws AppError FORBIDDEN where `INVITATION_LINK_USES_MAX` is 0, VALIDATION_FAILED for more uses than it allows
 */
export function quotaFor(uses: number): Quota.Quota {
  const { INVITATION_LINK_USES_MAX: most, INVITATION_LINK_LIMIT_PER_DAY: limit } = Config.section("membership");
  if (most === 0) throw new AppError("FORBIDDEN", { detail: "This community invites by mail only." });
  if (uses > most) throw invalidField("uses", "too_large", `must be at most ${most}`);
  return { name: "invitation-links", limit, windowSeconds: DAY_SECONDS, detail: `At most ${limit} links a day.` };
}

/** A new link: its token, its URL, and the values of its row. */
export function issue(uses: number) {
  const now = Clock.now();
  const token = Token.refresh();
  return {
    token,
    url: joinUrl(token) ?? null,
    values: {
      id: Id.uuid(),
      byLink: true,
      usesMax: uses,
      tokenHash: Token.digest(token),
      createdAt: now,
      expiresAt: new Date(now.getTime() + Config.section("membership").INVITATION_DAYS * DAY_SECONDS * 1000),
    },
  };
}

export * as Link from "./link.ts";
