import type { Evidence } from "@gotong/client";
import { useState } from "preact/hooks";
import { client } from "../../data/session.ts";
import { t } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Problem } from "../../ui/problem.tsx";

/** The picture of a piece: shown on demand, since prepaid data is dear. */
export function Thumbnail({ piece }: { piece: Evidence }) {
  const submission = useSubmit();
  const [address, setAddress] = useState<string>();
  if (piece.details === null) return null;
  return address === undefined ? (
    <>
      <Problem error={submission.error} />
      <button
        class="second"
        type="button"
        aria-disabled={submission.isBusy}
        onClick={() =>
          void submission.run(async () => {
            const { url } = await client.call("downloadEvidence", { path: { evidence_id: piece.id } });
            setAddress(url);
          })
        }
      >
        {t("show_picture")}
      </button>
    </>
  ) : (
    <img class="picture" src={address} alt={t("picture_alt")} />
  );
}
