import { useList } from "../../data/read.ts";
import { changed } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { ago, t } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Shown, say } from "../../ui/parts.tsx";
import { Person } from "../../ui/person.tsx";
import { Problem } from "../../ui/problem.tsx";

/** The API describes a device in English, such as "Chrome on Android". */
function deviceOf(device: string | null): string {
  const [browser, system] = device?.split(" on ") ?? [];
  if (browser === undefined) return t("unknown_device");
  return system === undefined ? browser : t("browser_on_system", { browser, system });
}

/** The devices on which this account is signed in. */
export function Sessions() {
  const list = useList("listSessions", {});
  const submission = useSubmit();
  const end = (work: () => Promise<unknown>) =>
    submission.run(async () => {
      await work();
      changed();
      say(t("session_closed"));
    });
  return (
    <>
      <Problem error={submission.error} />
      <Shown reading={list}>
        {(sessions) => (
          <ul class="stack">
            {sessions.map((one) => (
              <li class="card" key={one.id}>
                <div class="row between">
                  <h2>{deviceOf(one.device)}</h2>
                  {one.is_current && <span class="badge">{t("this_device")}</span>}
                </div>
                <p class="soft">{t("last_used", { time: ago(one.last_used_at) })}</p>
                {!one.is_current && (
                  <button
                    class="link"
                    type="button"
                    onClick={() => void end(() => client.call("endSession", { path: { session_id: one.id } }))}
                  >
                    {t("end_session")}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Shown>
      <button class="second" type="button" onClick={() => void end(() => client.call("endOtherSessions"))}>
        {t("end_others")}
      </button>
    </>
  );
}

export function Blocks() {
  const list = useList("listBlocks", {});
  const submission = useSubmit();
  return (
    <>
      <p class="soft">{t("block_intro")}</p>
      <Problem error={submission.error} />
      <Shown reading={list}>
        {(blocks) =>
          blocks.length === 0 ? (
            <p class="card">{t("blocks_none")}</p>
          ) : (
            <ul class="stack">
              {blocks.map((one) => (
                <li class="card" key={one.user_id}>
                  <div class="row between">
                    <Person of={one.user} />
                    <button
                      class="second"
                      type="button"
                      onClick={() =>
                        void submission.run(async () => {
                          await client.call("unblockUser", { path: { user_id: one.user_id } });
                          changed();
                        })
                      }
                    >
                      {t("unblock")}
                    </button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  );
}
