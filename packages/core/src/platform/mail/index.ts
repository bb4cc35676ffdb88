export { Mail } from "./mail.ts";
export { MailDelivery } from "./deliver.ts";
export { MailToken } from "./token.ts";
export { MailMessage, mailKeys, openMail } from "./message.ts";
