/** Notifications as the rotator sends them, and as somebody else would. */
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { NOTIFICATION_SECRET } from "./place.ts";

export const BODY =
  '{"type":"paddle_key.rotated","key":"billing","rotation":"apkrot_1","fingerprint":"sha256:0"}';
const MINUTE_MS = 60_000;

export type Notification = { readonly body?: string; readonly headers?: Record<string, string> };

/** The headers of a notification, as the rotator makes them; what is given is different. */
export function signed({ secret = NOTIFICATION_SECRET, at = Date.now(), body = BODY } = {}) {
  const signature = new Webhook(secret).sign("msg_1", new Date(at), body);
  return {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at / 1_000)),
    "webhook-signature": signature,
  };
}

const ANOTHERS = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
export const NOBODYS = `v1,${Buffer.alloc(32).toString("base64")}`;

export const FORGED: Readonly<Record<string, () => Notification>> = {
  "has no signature": () => ({ headers: {} }),
  "is signed by somebody else": () => ({ headers: signed({ secret: ANOTHERS }) }),
  "was signed for another body": () => ({ headers: signed({ body: "{}" }) }),
  "was signed for another id": () => ({ headers: { ...signed(), "webhook-id": "msg_2" } }),
  "is six minutes old": () => ({ headers: signed({ at: Date.now() - 6 * MINUTE_MS }) }),
  "comes six minutes too early": () => ({ headers: signed({ at: Date.now() + 6 * MINUTE_MS }) }),
  "has a newer time than was signed": () => ({
    headers: {
      ...signed({ at: Date.now() - 6 * MINUTE_MS }),
      "webhook-timestamp": String(Math.floor(Date.now() / 1_000)),
    },
  }),
  "has no time": () => ({ headers: { ...signed(), "webhook-timestamp": "" } }),
  "has a signature of another version": () => ({
    headers: { ...signed(), "webhook-signature": signed()["webhook-signature"].replace("v1", "v2") },
  }),
  "has a signature that is cut short": () => ({
    headers: { ...signed(), "webhook-signature": signed()["webhook-signature"].slice(0, -4) },
  }),
  "has letters in its signature that base64 has not": () => ({
    headers: { ...signed(), "webhook-signature": NOBODYS.replace("A", "ÿ") },
  }),
  "is larger than any notification": () => {
    const body = JSON.stringify({ padding: "x".repeat(17_000) });
    return { body, headers: signed({ body }) };
  },
};

/** Signed with the empty secret. */
export function signedByEverybody(): Record<string, string> {
  const headers = signed();
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${BODY}`;
  const signature = createHmac("sha256", "").update(content).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}
