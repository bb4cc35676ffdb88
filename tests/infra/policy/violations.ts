import type { Violation } from "./violation.ts";
import { ofData } from "./violations-data.ts";
import { ofEdgeAndNetwork } from "./violations-edge.ts";
import { ofFunctions } from "./violations-functions.ts";
import { ofKubernetes } from "./violations-kubernetes.ts";

/** How to break each rule, by its name. */
export const VIOLATIONS: Readonly<Record<string, Violation>> = {
  ...ofData,
  ...ofFunctions,
  ...ofEdgeAndNetwork,
  ...ofKubernetes,
};
