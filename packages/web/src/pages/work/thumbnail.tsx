import type { Evidence } from "@gotong/client";
import { useRead } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { t } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Problem } from "../../ui/problem.tsx";

/**
 * The picture of a piece: its thumbnail of a few kilobytes at once, the original on demand, since prepaid data is
 * expensive.
 */
export function Thumbnail({ piece }: { piece: Evidence }) {
  const submission = useSubmit();
  const thumbnail = useRead("getThumbnail", piece.thumbnail === null ? undefined : { path: { evidence_id: piece.id } });
  const open = () =>
    submission.run(async () => {
      const { url } = await client.call("downloadEvidence", { path: { evidence_id: piece.id } });
      location.assign(url);
    });
  return (
    <>
      {thumbnail.value && <img class="picture" src={thumbnail.value.url} alt={t("picture_alt")} loading="lazy" />}
      <Problem error={submission.error} />
      {piece.details !== null && (
        <button class="link" type="button" aria-disabled={submission.isDisabled} onClick={() => void open()}>
          {t("show_original")}
        </button>
      )}
    </>
  );
}
