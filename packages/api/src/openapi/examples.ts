import { SCHEMAS } from "./components.ts";
import type { JsonSchema } from "./json-schema.ts";

/** A valid value of a schema, built from the schema's own examples, so that examples and schema cannot diverge. */
export function sampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>> = SCHEMAS): unknown {
  const sample = (inner: unknown) => sampleOf(toSchema(inner), schemas);
  const { $ref, anyOf, enum: values, properties, type } = schema;
  if (typeof $ref === "string") return sample(schemas[$ref.split("/").at(-1) ?? ""]);
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["examples"])) return schema["examples"][0];
  if (Array.isArray(values)) return values[0];
  if (Array.isArray(anyOf)) return sample(anyOf[0]);
  const kind: unknown = Array.isArray(type) ? type[0] : type;
  if (kind === "object") {
    const fields = Object.entries(toSchema(properties));
    return Object.fromEntries(fields.map(([name, inner]) => [name, sample(inner)]));
  }
  if (kind === "array") return [sample(schema["items"])];
  if (kind === "string") return sampleText(schema);
  if (kind === "boolean") return false;
  return typeof schema["minimum"] === "number" ? Math.max(schema["minimum"], 1) : 1;
}

function sampleText({ format, pattern }: JsonSchema): string {
  if (format === "uuid") return "0198c0de-0000-7000-8000-000000000001";
  if (format === "date-time") return "2026-05-01T09:30:00.000Z";
  if (format === "email") return "sari@example.org";
  if (format === "uri") return "https://files.example.org/photos/2026/05/01/drain.jpg";
  if (typeof pattern === "string" && pattern.includes("[0-9a-f]{64}")) return "9f86d081884c7d65".repeat(4);
  return "text";
}

const toSchema = (value: unknown): JsonSchema =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const now = "2026-05-01T09:30:00Z";
const id = "0198c0de-0000-7000-8000-000000000001";
const account = { email: "sari@example.org", password: "walk slowly through rain" };

/** Valid request bodies by operation. A test validates each of them with the schema of its route. */
export const REQUESTS: Readonly<Record<string, unknown>> = {
  register: { username: "sari", ...account },
  login: account,
  refreshTokens: { refresh_token: "pzVyq0Yw5cMiQn3Jm1rXkH2bT8dLf6gS4aUeZoR7vNw" },
  logout: { refresh_token: "pzVyq0Yw5cMiQn3Jm1rXkH2bT8dLf6gS4aUeZoR7vNw" },
  requestPasswordReset: { email: account.email },
  confirmPasswordReset: { token: "pzVyq0Yw5cMiQn3Jm1rXkH2bT8dLf6gS4aUeZoR7vNw", password: account.password },
  requestEmailProof: { email: account.email },
  confirmEmailProof: { token: "AZjA3gAAcACAAAAAAAAAAQAAaRlYAGh0dHBzOi8vZXhhbXBsZS5vcmc" },
  requestEmailChange: { email: "sari.baru@example.org", password: account.password },
  confirmEmailChange: { token: "pzVyq0Yw5cMiQn3Jm1rXkH2bT8dLf6gS4aUeZoR7vNw" },
  changePassword: { current_password: account.password, new_password: "run slowly through rain" },
  deleteMe: { password: account.password },
  enrolTotp: { password: account.password },
  confirmTotp: { code: "123456" },
  removeTotp: { password: account.password, code: "123456" },
  renewRecoveryCodes: { password: account.password, code: "123456" },
  updateMe: { bio: "I repair bicycles.", skill_ids: [id] },
  createSkill: { name: "Drainage", category: "Building" },
  createTask: {
    title: "Clear the drain",
    description: "Before the rain comes.",
    difficulty: "easy",
    location: "Bandung",
    coordinates: { lat: -6.9147, lon: 107.6098 },
    estimated_hours: 2,
    skill_ids: [id],
  },
  updateTask: { title: "Clear both drains", estimated_hours: 3, location: null },
  assignTask: { user_id: id },
  unassignTask: { user_id: id, reason: "The market is closed." },
  cannotCome: { reason: "My child is ill." },
  markAttendance: { user_id: id, was_present: true },
  cancelTask: { reason: "It rains." },
  commentOnTask: { text: "Please bring gloves." },
  commentOnContribution: { text: "Thank you!" },
  updateComment: { text: "Please bring gloves and a sack." },
  reportComment: { reason: "abuse" },
  hideComment: { reason: "It insults a member." },
  readNotifications: { up_to: id },
  subscribeToPushes: {
    endpoint: "https://push.example.org/send/dWcJ1v0bFz8",
    keys: {
      p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
      auth: "tBHItJI5svbpez7KI4CCXg",
    },
  },
  updateNotificationSettings: {
    time_zone: "Asia/Makassar",
    quiet_hours: { from: "22:00", until: "05:30" },
    preferences: { vote_received: { mail: false } },
  },
  completeTask: { description: "Both sides are clear." },
  createContribution: { contribution_type: "mentoring", title: "Taught Budi to solder" },
  verifyContribution: { outcome: "approved", notes: "The pictures show it." },
  createUpload: {
    file_name: "drain.jpg",
    content_type: "image/jpeg",
    size_bytes: 2_400_000,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  },
  createAvatarUpload: {
    content_type: "image/jpeg",
    size_bytes: 240_000,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  },
  setAvatar: { upload_id: id },
  hideAvatar: { reason: "It shows another person." },
  createUploadParts: {
    parts: [{ part_number: 2, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }],
  },
  submitEvidence: {
    evidence_type: "gps_verification",
    proof: { timestamp: now, location: { lat: -6.9147, lon: 107.6098 }, accuracy_meters: 6 },
  },
  createVouch: { vouchee_id: id, weight_hint: "strong", message: "She keeps her word." },
  answerEvidence: { accept: true },
  answerAttestation: { confirm: true },
  withdrawEvidence: { reason: "It shows my neighbour's house." },
  createInvitation: { email: "budi@example.org", message: "We meet on Sundays." },
  redriveWebhookFailures: { event_type: "por_evidence", status: 422 },
  reportUser: { reason: "abuse" },
  reportTask: { reason: "spam" },
  reportContribution: { reason: "fraud", details: "The picture is of another place." },
  reportEvidence: { reason: "fraud", details: "The picture is of another place." },
  resolveReport: { outcome: "dismissed", note: "Spoke to both of them.", include_same_target: true },
  hideTask: { reason: "It names where a member lives." },
  hideContribution: { reason: "The work was done by somebody else." },
  hideEvidence: { reason: "It shows a child's face." },
  setRoles: { roles: ["verifier"] },
};
