import { type Schema, moment, nullable, object, oneOf, page, text, uuid } from "./schema.ts";

/** The schemas of answers about invitations: see `SCHEMAS` of components.ts. */
export const INVITATION_SCHEMAS: Readonly<Record<string, Schema>> = {
  Invitation: object({
    id: uuid,
    email: {
      ...nullable({ ...text(254, "sari@example.org"), format: "email" }),
      description: "Null once it is accepted or revoked.",
    },
    invited_by: { ...nullable(uuid), description: "Null for one that the command line sent." },
    status: oneOf("open", "accepted", "revoked", "expired"),
    created_at: moment,
    expires_at: moment,
    accepted_at: nullable(moment),
    accepted_by: { ...nullable(uuid), description: "The member who came by it." },
  }),
  InvitationPage: page("Invitation"),
};
