import { at, number, text } from "../resource.ts";
import { each, never, type Rule, type Scope } from "../rule.ts";

const INSTANCE = "aws:ec2/instance:Instance";
const withoutMachines: Scope = {
  label: "stages without NAT instance and bastion",
  includes: ({ stage }) => stage.egress !== "nat-instance" && !stage.hasBastion,
};

export const machines: readonly Rule[] = [
  each({
    id: "machine-keeps-credentials-to-itself",
    says: "An instance's credentials do not travel further than the instance",
    source: "AWS documentation, IMDS hop limit",
    types: [INSTANCE],
    passes: (one) => number(one, "metadataOptions.httpPutResponseHopLimit") === 1,
  }),
  each({
    id: "machine-disk-is-encrypted",
    says: "An instance's disk is encrypted",
    source: "checkov CKV_AWS_8, prowler ec2_ebs_volume_encryption",
    types: [INSTANCE],
    passes: (one) => at(one, "rootBlockDevice.encrypted") === true,
  }),
  each({
    id: "machine-has-role",
    says: "An instance has a role, and needs no key to be reached",
    source: "checkov CKV2_AWS_41, prowler ec2_instance_profile_attached",
    types: [INSTANCE],
    passes: (one) => text(one, "iamInstanceProfile") !== "",
  }),
  each({
    id: "machine-script-has-no-secret",
    says: "The start script of an instance contains no secret",
    source: "checkov CKV_AWS_46, prowler ec2_instance_secrets_user_data",
    types: [INSTANCE],
    passes: (one) => !/AKIA[0-9A-Z]{16}|PRIVATE KEY|passw(or)?d\s*=|secret\s*=|token\s*=/i.test(text(one, "userData")),
  }),
  each({
    id: "machine-is-small",
    says: "An instance is a small one with an arm64 processor: it carries traffic and computes nothing",
    source: "infrastructure.md §7",
    types: [INSTANCE],
    passes: (one) => /^t4g\.(nano|micro)$/.test(text(one, "instanceType")),
  }),
  never({
    id: "stage-has-no-machine",
    says: "A stage that asks for no NAT instance and no bastion has no instance at all",
    source: "infrastructure.md §3, sst-notes §12 G2",
    scope: withoutMachines,
    types: [INSTANCE],
  }),
];
