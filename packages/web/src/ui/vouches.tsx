import { useList } from "../data/read.ts";
import { ago, t } from "../texts/index.ts";
import { Items } from "./parts.tsx";
import { Person } from "./person.tsx";

/** The vouches that a member has received. */
export function Vouches({ userId }: { userId: string }) {
  const vouches = useList("listUserVouches", { path: { user_id: userId } });
  return (
    <>
      <h2>{t("vouches")}</h2>
      <Items list={vouches} empty={t("vouches_none")}>
        {(one) => (
          <div class="card">
            <div class="row between">
              <Person of={one.voucher} />
              <span class="soft">{ago(one.created_at)}</span>
            </div>
            {one.weight_hint !== null && <span>{t(`weight_${one.weight_hint}`)}</span>}
            {one.message !== null && <p class="pre">“{one.message}”</p>}
          </div>
        )}
      </Items>
    </>
  );
}
