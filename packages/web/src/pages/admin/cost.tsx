import { number, t } from "../../texts/index.ts";
// Written by `npm run infra -- update`, from the resources of each stage.
import bills from "./bills.json" with { type: "json" };

/** The monthly cost of each stage, as estimated for the current version of the code. */
export function Cost({ stage }: { stage: string }) {
  const kind = stage.startsWith("tenant-") ? "tenant-" : stage;
  const own = bills.filter((one) => one.stage === kind || (kind === "tenant-" && one.stage.startsWith(kind)));
  const shown = own.length > 0 ? own : bills;
  return (
    <section class="card">
      <h2>{t("cost")}</h2>
      <p class="soft">{t(own.length > 0 ? "cost_intro" : "cost_other")}</p>
      <dl class="facts">
        {shown.map(({ stage: name, size, members, usd }) => (
          <>
            <dt>
              {own.length > 0 ? "" : `${name.replace(/^tenant-.*/, "tenant")} · `}
              {members === 0 ? t("cost_idle") : t("cost_members", { count: number(members, 0) })}
              {size === "small" || size === "medium" ? ` · ${t(`size_${size}`)}` : ""}
            </dt>
            <dd>{`US$ ${number(usd, 0)}`}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}
