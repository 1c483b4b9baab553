/** Tells the rotator which key is in use, and reads the keys again when it notifies. Goes before any body parser. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { fingerprint, reload } from "./keys.mjs";

const secret = Buffer.from((process.env.PADDLE_KEY_SECRET ?? "").replace(/^whsec_/, ""), "base64");
if (secret.length < 24) throw new Error("PADDLE_KEY_SECRET must be the secret of this consumer: whsec_…");

/** Middleware for Express and Connect. With node:http: `next` answers all other requests, and errors. */
export async function paddleKey(request, response, next) {
  const route = `${request.method} ${request.url.split("?", 1)[0]}`;
  if (route === "POST /paddle-key/reload") return notified(request, response).then(null, next);
  if (route !== "GET /paddle-key") return next();
  response.setHeader("content-type", "application/json").end(JSON.stringify({ fingerprint: fingerprint() }));
}

/** Signed as https://www.standardwebhooks.com has it. One that comes again does no harm. */
async function notified(request, response) {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": given = "" } = request.headers;
  const isRecent = Math.abs(Date.now() / 1_000 - at) < 300;
  const body = request.headers["content-length"] <= 16_384 ? await buffer(request) : "";
  const hmac = createHmac("sha256", secret).update(`${id}.${at}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest("base64")}`);
  const signatures = given.split(" ").map((each) => Buffer.from(each));
  const isEqual = (each) => each.length === expected.length && timingSafeEqual(each, expected);
  const isSigned = isRecent && signatures.some(isEqual);
  if (isSigned) reload();
  response.writeHead(isSigned ? 204 : 401).end();
}
