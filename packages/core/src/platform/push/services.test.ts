import { expect, test } from "vitest";
import { isPushService } from "./services.ts";

const SERVICES = ["fcm.googleapis.com", "*.push.example"];

test("isPushService() accepts only listed push services over TLS", () => {
  const accepted = (endpoint: string) => isPushService(endpoint, SERVICES);
  expect(
    ["https://fcm.googleapis.com/fcm/send/x", "https://a.push.example/1", "https://b.a.push.example/"].filter(accepted),
  ).toHaveLength(3);
  const refused = [
    "",
    "x",
    "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com.evil.example/x",
    "https://evilfcm.googleapis.com/x",
    "https://push.example/x",
    "https://evilpush.example/x",
    "https://a:b@fcm.googleapis.com/x",
    "https://a@fcm.googleapis.com/x",
    "https://:b@fcm.googleapis.com/x",
    "https://169.254.169.254/latest",
    "https://localhost/x",
  ];
  expect(refused.filter(accepted)).toEqual([]);
});
