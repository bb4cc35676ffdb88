import { randomBytes } from "node:crypto";

/**
 * A password that is never rejected as guessable: it is a fixed sentence with random digits, and longer than any two
 * entries of the list of common passwords. So the list's Bloom filter never rejects it as a false positive, as happens
 * to 1 of 20,000 shorter passwords.
 */
export const freshPassword = () =>
  `three neighbours walk slowly home over the bridge ${randomBytes(16).toString("hex")}`;

/** The body of a valid task. A test sets only the fields that matter to it. */
export const taskInput = (fields: object = {}) => ({
  title: "Task",
  description: "",
  difficulty: "easy" as const,
  ...fields,
});

/** The body of a GPS reading taken now. @param proof fields of the proof to override */
export const gpsReading = (proof: object = {}, evidence_data?: object) => ({
  evidence_type: "gps_verification" as const,
  proof: { timestamp: new Date().toISOString(), location: { lat: 1, lon: 1 }, ...proof },
  ...(evidence_data === undefined ? {} : { evidence_data }),
});

/** The body of an attestation by witnesses with these names. */
export const witnessAttestation = (...names: string[]) => ({
  evidence_type: "witness_attestation" as const,
  proof: { timestamp: new Date().toISOString(), witnesses: names.map((witness_name) => ({ witness_name })) },
});
