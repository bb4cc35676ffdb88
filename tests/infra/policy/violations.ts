import type { Violation } from "./violation.ts";
import { ofData } from "./violations-data.ts";
import { ofEdgeAndNetwork } from "./violations-edge.ts";
import { ofFunctions } from "./violations-functions.ts";
import { ofKubernetes } from "./violations-kubernetes.ts";

/** A change that breaks each rule, by the rule's id. */
export const VIOLATIONS: Readonly<Record<string, Violation>> = {
  ...ofData,
  ...ofFunctions,
  ...ofEdgeAndNetwork,
  ...ofKubernetes,
};
