import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { Actor, type Role } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Skill } from "@gotong/core/domain/skill/index.ts";
import { Task } from "@gotong/core/domain/task/index.ts";
import { User } from "@gotong/core/domain/user/index.ts";

/** The logins of the demo, stored in `demo-logins.json`. */
export const Logins = v.array(
  v.object({
    email: v.string(),
    password: v.string(),
    roles: v.array(v.picklist(["contributor", "verifier", "admin"])),
  }),
);
export type Logins = v.InferOutput<typeof Logins>;

const PEOPLE: readonly (readonly [name: string, roles: readonly Role[]])[] = [
  ["wulan", ["contributor", "admin"]],
  ["agus", ["contributor", "verifier"]],
  ["dewi", ["contributor", "verifier"]],
  ["rahmat", ["contributor", "verifier"]],
  ["sari", ["contributor"]],
  ["budi", ["contributor"]],
];
const SKILLS = [
  ["Pertolongan pertama", "health"],
  ["Pertukangan", "craft"],
  ["Berkebun", "environment"],
  ["Memasak", "household"],
  ["Mengajar", "education"],
  ["Komputer", "technology"],
] as const;
const TASKS = [
  [
    "Bersihkan saluran di depan pasar",
    "Daun dan plastik menyumbat; jalan banjir tiap hujan. Sarung tangan dan karung tersedia.",
    "easy",
  ],
  ["Perbaiki atap ruang baca", "Empat genteng pecah. Tangga bisa dipinjam dari Pak Rahmat.", "intermediate"],
  ["Ajar berhitung hari Sabtu pagi", "Dua belas anak kelas empat, dua jam, di balai warga.", "intermediate"],
] as const;

/** Creates the first members, skills and tasks unless they exist, and stores the logins in `file`. */
export async function createDemoData(file: string): Promise<Logins> {
  const known = existsSync(file) ? v.parse(Logins, JSON.parse(readFileSync(file, "utf8"))) : [];
  const logins: Logins = [...known];
  for (const [name, category] of SKILLS) await Skill.ensure(name, category);
  for (const [name, roles] of PEOPLE) {
    const email = `${name}@demo.example`;
    const present = await User.credentialsOf(email);
    if (present && known.some((login) => login.email === email)) continue;
    const password = `demo ${Id.event().slice(4)}`;
    if (present) continue; // the member was created by a stack that stored its logins in another file
    const user = await User.register(await User.prepare({ username: name, email, password }), "proof");
    await User.setRoles(user.id, roles);
    logins.push({ email, password, roles: [...roles] });
    if (roles.includes("admin"))
      await Actor.run({ type: "member", userId: user.id, username: name, roles }, Id.uuid(), createTasks);
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(logins, null, 2)}\n`);
  return logins;
}

async function createTasks(): Promise<void> {
  for (const [title, description, difficulty] of TASKS)
    await Task.create({ title, description, difficulty, skill_ids: [], metadata: {} });
}
