import type { OwnAvatar } from "@gotong/client";
import { useEffect, useState } from "preact/hooks";
import { changed, useRead } from "../../data/read.ts";
import { account, client, keep } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { PictureError, squareOf } from "../../data/square.ts";
import { t, textOf } from "../../texts/index.ts";
import { FilePicker } from "../../ui/file-picker.tsx";
import { useSubmit } from "../../ui/form.tsx";
import { say } from "../../ui/parts.tsx";
import { Avatar } from "../../ui/person.tsx";
import { Problem } from "../../ui/problem.tsx";

/** The member's profile picture: set with the camera or from a file, and removed. */
export function AvatarCard() {
  const user = useSignal(account);
  const own = useRead("getOwnAvatar", {});
  const submission = useSubmit();
  const [part, setPart] = useState<number>();
  useExamination(own.value?.status === "examining");
  if (!user) return null;
  const set = (file: File) =>
    submission.run(async () => {
      setPart(0);
      try {
        await client.uploadAvatar(await squareOf(file), { onProgress: setPart });
      } finally {
        setPart(undefined);
      }
      changed();
    });
  const remove = () =>
    submission.run(async () => {
      await client.call("removeAvatar", {});
      keep({ ...user, avatar_url: null });
      changed();
      say(t("avatar_removed"));
    });
  const canRemove = own.value !== undefined && own.value.status !== "none";
  return (
    <section class="card">
      <h2>{t("avatar")}</h2>
      <Avatar of={user} size="large" />
      <p class="soft">{t("avatar_hint")}</p>
      <FilePicker camera="user" accept="image/*" chooseText="avatar_choose" part={part} onFile={set} />
      {own.value && <State of={own.value} />}
      {submission.error instanceof PictureError ? (
        <p class="notice bad" role="alert">
          {t(`avatar_${submission.error.reason}`)}
        </p>
      ) : (
        <Problem error={submission.error} />
      )}
      {canRemove && (
        <button class="link" type="button" aria-disabled={submission.isBusy} onClick={() => void remove()}>
          {t("avatar_remove")}
        </button>
      )}
    </section>
  );
}

function State({ of }: { of: OwnAvatar }) {
  return (
    <>
      {of.status === "examining" && <p role="status">{t("examining_hint")}</p>}
      {of.refusal && (
        <p class="notice bad" role="alert">
          {textOf("refusal", of.refusal.code, "refusal_other")}
        </p>
      )}
      {of.hidden && <p class="notice warn">{t("hidden_notice", { reason: of.hidden.reason })}</p>}
    </>
  );
}

/** Waits for the examination of the picture that was set last, then reads the account with its new picture. */
function useExamination(isExamining: boolean): void {
  useEffect(() => {
    if (!isExamining) return;
    const waiting = new AbortController();
    const wait = async () => {
      const { status } = await client.waitForAvatar({ signal: waiting.signal });
      keep(await client.call("getMe", {}));
      changed();
      if (status === "accepted") say(t("avatar_set"));
    };
    // Ignores an error, such as no network: the next visit shows the result.
    wait().catch(() => undefined);
    return () => waiting.abort();
  }, [isExamining]);
}
