export * as Proof from "./proof.ts";
