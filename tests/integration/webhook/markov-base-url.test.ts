import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Http } from "@gotong/core/platform/http-client/index.ts";
import { run } from "@gotong/ops/command.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
afterEach(() => {
  Http.use(undefined);
  Config.use(platform.variables);
});

test("requests for reputations and events keep the path of MARKOV_API_URL", async () => {
  const member = await platform.person();
  const subject = `contribution:${await contributionOf(member)}`;
  const asked: string[] = [];
  Http.use(({ url }) => {
    asked.push(`${url.origin}${url.pathname} ${url.searchParams.get("subject")}`);
    const body = url.pathname.endsWith("/events") ? '{"data":[]}' : "";
    return Promise.resolve({ status: body === "" ? 404 : 200, retryAfter: null, head: body, body });
  });
  Config.use({ ...platform.variables, MARKOV_API_URL: "https://x.example/markov/" });
  await member.get(`/v1/users/${member.id}/reputation`);
  await run(["reconcile", "--dry-run"], () => undefined);
  expect(asked).toEqual([
    `https://x.example/markov/v1/users/gotong_royong:${member.id}/reputation null`,
    `https://x.example/markov/v1/platforms/gotong_royong/events ${subject}`,
  ]);
});
