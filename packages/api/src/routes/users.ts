import { Hono } from "hono";
import * as v from "valibot";
import { Contribution } from "@gotong/core/domain/contribution/index.ts";
import { Input } from "@gotong/core/platform/input.ts";
import { Reputation } from "@gotong/core/domain/reputation/index.ts";
import { User, UserSearch } from "@gotong/core/domain/user/index.ts";
import { Vouch } from "@gotong/core/domain/vouch/index.ts";
import { params, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";
import { loadReport, reportBody } from "./reports.ts";

const byId = params(v.strictObject({ user_id: Input.uuid }));

export const users = new Hono()
  .use(requireMember)
  .get("/", query(UserSearch.SearchQuery), async (c) => c.json(await UserSearch.search(c.req.valid("query"))))
  .get("/:user_id", byId, async (c) => c.json(await User.get(c.req.valid("param").user_id)))
  .get("/:user_id/reputation", byId, async (c) => c.json(await Reputation.get(c.req.valid("param").user_id)))
  .get("/:user_id/contributions", byId, query(Contribution.OwnListQuery), async (c) =>
    c.json(await Contribution.ofUser(c.req.valid("param").user_id, c.req.valid("query"))),
  )
  .get("/:user_id/vouches", byId, query(Vouch.ListQuery), async (c) =>
    c.json(await Vouch.ofUser(c.req.valid("param").user_id, c.req.valid("query"))),
  )
  .post("/:user_id/reports", byId, reportBody, async (c) => {
    const Report = await loadReport();
    return c.json(await Report.create("user", c.req.valid("param").user_id, c.req.valid("json")), 201);
  });
