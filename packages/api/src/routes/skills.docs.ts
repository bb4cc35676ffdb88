import * as Skill from "@gotong/core/domain/skill/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the skill routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/skills": {
    id: "listSkills",
    summary: "Skills, ordered by name",
    description: page,
    answers: { 200: Skill.InfoPage },
  },
  "POST /v1/skills": {
    id: "createSkill",
    summary: "Add a skill",
    answers: { 201: Skill.Info },
    problems: ["SKILL_EXISTS"],
    role: "admin",
  },
};
