import { useState } from "preact/hooks";
import { act } from "../data/acts.ts";
import { useList, useRead } from "../data/read.ts";
import { account, client } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { ago, t, when } from "../texts/index.ts";
import { Choice, Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { Heading, Items, Sheet, Shown, Status, say } from "../ui/parts.tsx";
import { Avatar } from "../ui/person.tsx";
import { Problem } from "../ui/problem.tsx";
import { ReportButton } from "../ui/report.tsx";
import { ReputationCard } from "../ui/reputation.tsx";
import { Vouches } from "../ui/vouches.tsx";

/** The page of another member: reputation, vouches and work. */
export function MemberPage({ parts }: { parts: readonly string[] }) {
  const id = parts[0] ?? "";
  const user = useSignal(account);
  const member = useRead("getUser", { path: { user_id: id } });
  const work = useList("listUserContributions", { path: { user_id: id } });
  const [isVouching, setVouching] = useState(false);
  const isMe = user?.id === id;
  return (
    <Shown reading={member}>
      {(value) => (
        <>
          <Avatar of={value} size="large" />
          <Heading text={value.display_name ?? value.username} />
          {value.location !== null && <p class="soft">{value.location}</p>}
          <p class="soft">{t("member_since", { time: when(value.created_at) })}</p>
          {value.bio !== null && <p class="pre card">{value.bio}</p>}
          <ReputationCard userId={id} />
          {!isMe && (
            <div class="row">
              <button type="button" onClick={() => setVouching(true)}>
                {t("vouch")}
              </button>
              <ReportButton type="user" id={id} />
              <Block id={id} name={value.username} />
            </div>
          )}
          {isVouching && <VouchSheet id={id} name={value.username} onClose={() => setVouching(false)} />}
          <Vouches userId={id} />
          <h2>{t("contributions")}</h2>
          <Items list={work} empty={t("contributions_none")}>
            {(one) => (
              <a class="card" href={`/contributions/${one.id}`}>
                <div class="row between">
                  <h3>{one.title}</h3>
                  <Status value={one.verification_status} />
                </div>
                <span class="soft">{ago(one.created_at)}</span>
              </a>
            )}
          </Items>
        </>
      )}
    </Shown>
  );
}

const WEIGHTS = ["strong", "moderate", "light"] as const;

function VouchSheet({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const submission = useSubmit();
  const skills = useRead("listSkills", { query: { limit: 100 } });
  const send = async (values: FormData) => {
    const message = textIn(values, "message");
    const skill = textIn(values, "skill_id");
    const body = {
      vouchee_id: id,
      weight_hint: WEIGHTS.find((one) => one === values.get("weight_hint")) ?? ("moderate" as const),
      ...(skill === undefined ? {} : { skill_id: skill }),
      ...(message === undefined ? {} : { message }),
    };
    const sent = await act({ operation: "createVouch", input: { body }, label: "vouch", about: name });
    say(t(sent ? "vouched" : "kept_for_later"));
    onClose();
  };
  return (
    <Sheet title={t("vouch_title", { name })} onClose={onClose}>
      <p class="soft">{t("vouch_intro")}</p>
      <Form submission={submission} submitText={t("vouch")} onSubmit={send} draft="vouch">
        <Choice
          name="weight_hint"
          label={t("weight")}
          value="moderate"
          options={WEIGHTS.map((one) => [one, t(`weight_${one}`)])}
        />
        <Choice
          name="skill_id"
          label={t("vouch_for")}
          value=""
          options={[["", t("in_general")], ...(skills.value?.data ?? []).map((one) => [one.id, one.name] as const)]}
        />
        <Field name="message" label={t("vouch_message")} rows={3} maxLength={500} />
      </Form>
    </Sheet>
  );
}

function Block({ id, name }: { id: string; name: string }) {
  const submission = useSubmit();
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      <button class="link" type="button" onClick={() => setAsked(true)}>
        {t("block")}
      </button>
      {isAsked && (
        <Sheet title={t("block_title", { name })} onClose={() => setAsked(false)}>
          <p>{t("block_intro")}</p>
          <Problem error={submission.error} />
          <button
            class="bad"
            type="button"
            onClick={() =>
              void submission.run(async () => {
                await client.call("blockUser", { path: { user_id: id } });
                say(t("blocked"));
                setAsked(false);
              })
            }
          >
            {t("block")}
          </button>
        </Sheet>
      )}
    </>
  );
}
