export { Mail } from "./mail.ts";
export { MailDelivery } from "./deliver.ts";
export { MailMessage, mailKeys, openMail } from "./message.ts";
