import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies.ts";
import { RULES } from "./rules/index.ts";
import { WAIVERS } from "./waivers.ts";

new PolicyPack("gotong-royong", {
  enforcementLevel: "mandatory",
  policies: policies(RULES, WAIVERS, process.env),
});
