import type { Role } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Token } from "@gotong/core/domain/session/token.ts";
import type { Person, Platform } from "../../harness/platform.ts";
import type { Who } from "./row.ts";

/** The actors of the authorisation matrix. */
export interface Cast {
  readonly owner: Person;
  readonly assignee: Person;
  readonly newcomer: (roles?: readonly Role[]) => Promise<Person>;
  /** Returns the member for an actor; undefined for anonymous. */
  readonly asker: (who: Who, asNewcomer: boolean) => Promise<Asker | undefined>;
}
/** The access token that the request sends, and the password of its account. */
export type Asker = Pick<Person, "token" | "password">;

const ROLES: Readonly<Partial<Record<Who, readonly Role[]>>> = { verifier: ["verifier"], admin: ["admin"] };

export async function cast(platform: Platform): Promise<Cast> {
  const newcomer = (roles: readonly Role[] = []) => platform.person(roles);
  const [owner, assignee, other] = [await newcomer(), await newcomer(), await newcomer()];
  const [verifier, admin] = [await newcomer(["verifier"]), await newcomer(["admin"])];
  const deleted = await newcomer(["admin", "verifier"]);
  await deleted.send("DELETE", "/v1/me", { password: deleted.password });
  const old = await newcomer(["admin"]);
  const access = Token.verifyAccess(old.token);
  const back = Clock.set(() => new Date(Date.now() - 901_000));
  const expired = access && Token.signAccess(access);
  back();
  const people: Partial<Record<Who, Person>> = { other, owner, assignee, verifier, admin };
  return {
    owner,
    assignee,
    newcomer,
    asker: async (who, asNewcomer) => {
      if (who === "anonymous") return undefined;
      if (who === "expired") return { ...old, token: expired ?? "" };
      if (who === "deleted") return deleted;
      return asNewcomer ? newcomer(ROLES[who]) : people[who];
    },
  };
}
