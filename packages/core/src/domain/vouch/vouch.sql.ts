import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { WEIGHT_HINTS } from "../../outbox/index.ts";
import { createdAt, enumColumn, id, lengthRule, oneOf } from "../../platform/db/columns.ts";
import { skills } from "../skill/skill.sql.ts";
import { users } from "../user/user.sql.ts";

export const MAX_CHARACTERS = { message: 500 } as const;

export const vouches = pgTable(
  "vouches",
  {
    ...id,
    voucherId: uuid("voucher_id")
      .notNull()
      .references(() => users.id),
    voucheeId: uuid("vouchee_id")
      .notNull()
      .references(() => users.id),
    skillId: uuid("skill_id").references(() => skills.id),
    weightHint: enumColumn("weight_hint", WEIGHT_HINTS),
    message: text("message"),
    ...createdAt,
  },
  (t) => [
    uniqueIndex("vouches_per_skill_key")
      .on(t.voucherId, t.voucheeId, t.skillId)
      .where(sql`skill_id is not null`),
    uniqueIndex("vouches_general_key")
      .on(t.voucherId, t.voucheeId)
      .where(sql`skill_id is null`),
    index("vouches_voucher_id_idx").on(t.voucherId, t.id.desc()),
    index("vouches_vouchee_id_idx").on(t.voucheeId, t.id.desc()),
    index("vouches_newest_idx").on(t.id.desc()),
    index("vouches_skill_id_idx").on(t.skillId, t.id.desc()),
    check("vouches_not_self_rule", sql`voucher_id <> vouchee_id`),
    check("vouches_weight_hint_rule", oneOf("weight_hint", WEIGHT_HINTS)),
    check("vouches_message_rule", lengthRule("message", 0, MAX_CHARACTERS.message)),
  ],
);
