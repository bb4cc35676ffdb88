export { Mail } from "./mail.ts";
export { MailDelivery } from "./deliver.ts";
export { MailMessage, openMail } from "./message.ts";
