import { useRead } from "../data/read.ts";
import { t } from "../texts/index.ts";

interface SkillChoiceProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Checkboxes of the community's skills; empty if there are none. */
export function SkillChoice({ chosen, onChange }: SkillChoiceProps) {
  const skills = useRead("listSkills", { query: { limit: 100 } });
  if (!skills.value || skills.value.data.length === 0) return null;
  return (
    <fieldset class="card">
      <legend class="label">{t("skills_optional")}</legend>
      {skills.value.data.map((skill) => (
        <label class="check" key={skill.id}>
          <input
            type="checkbox"
            checked={chosen.includes(skill.id)}
            onChange={(event) =>
              onChange(event.currentTarget.checked ? [...chosen, skill.id] : chosen.filter((one) => one !== skill.id))
            }
          />
          {skill.name}
        </label>
      ))}
    </fieldset>
  );
}
